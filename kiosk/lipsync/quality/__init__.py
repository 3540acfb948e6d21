"""How good lips are, in figures that need no downloaded network.

``pictures`` compares pictures, ``speech`` compares a mouth's movement with what was said, and
``report`` lets lips speak and puts both together for `kiosk bench lips --quality`.
"""

from kiosk.lipsync.quality.pictures import edge_energy_ratio, inner_mouth, psnr_db, ssim
from kiosk.lipsync.quality.report import measure_quality
from kiosk.lipsync.quality.speech import (
    Phoneme,
    closed_share,
    correlation_and_lag,
    expected_opening,
    loudness,
)

__all__ = [
    "Phoneme",
    "closed_share",
    "correlation_and_lag",
    "edge_energy_ratio",
    "expected_opening",
    "inner_mouth",
    "loudness",
    "measure_quality",
    "psnr_db",
    "ssim",
]

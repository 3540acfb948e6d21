"""PyTorch is needed for training only, weighs gigabytes, and is no part of a kiosk."""

from __future__ import annotations

import importlib.util
import sys

from kiosk.errors import Missing


def require_torch() -> None:
    """Raise ``Missing`` (exit code 3) with what to install, if PyTorch is not there."""
    if importlib.util.find_spec("torch") is None:
        raise Missing(
            "Training needs PyTorch, which is not installed.",
            remedy=f"Run '{sys.executable} -m pip install \"torch>=2.5\"'; "
            "docs/lips-of-your-own.md tells how to get the small edition without a GPU.",
        )

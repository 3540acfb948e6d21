"""Figures for `kiosk bench`: each function measures one part on this machine.

Quality and speed of single parts are in ``parts``, the language model in ``llm``, and the whole in
``visits``: how long a visitor waits, and whether memory grows.
"""

from kiosk.engine.bench.lipsquality import lips_quality
from kiosk.engine.bench.llm import llm
from kiosk.engine.bench.parts import answer, asr, lips, tts
from kiosk.engine.bench.visits import latency, memory

__all__ = ["answer", "asr", "latency", "lips", "lips_quality", "llm", "memory", "tts"]

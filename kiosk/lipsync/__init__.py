"""Lips: the loop's mouth, moved by the voice."""

from kiosk.lipsync.lips import LipSync, load_lips
from kiosk.lipsync.track import LipsTrack, Patch

__all__ = ["LipSync", "LipsTrack", "Patch", "load_lips"]

"""Pictures: the idle loop, the face in it, and films of what was shown."""

from kiosk.video.film import Film, FilmWriter, read_film
from kiosk.video.loop import LOOP_FPS, LoopInfo, LoopReader, open_loop, read_all

__all__ = [
    "LOOP_FPS",
    "Film",
    "FilmWriter",
    "LoopInfo",
    "LoopReader",
    "open_loop",
    "read_all",
    "read_film",
]

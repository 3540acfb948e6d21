"""Pictures: the idle loop, the face in it, and films of what was shown."""

from kiosk.video.dub import dub_film
from kiosk.video.film import Film, FilmWriter, part_of, read_film
from kiosk.video.loop import LOOP_FPS, LoopInfo, LoopReader, open_loop, read_all
from kiosk.video.marking import Marking, read_xmp

__all__ = [
    "LOOP_FPS",
    "Film",
    "FilmWriter",
    "LoopInfo",
    "LoopReader",
    "Marking",
    "dub_film",
    "open_loop",
    "part_of",
    "read_all",
    "read_film",
    "read_xmp",
]

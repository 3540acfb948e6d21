"""Films offline: text or sound in, a film of the persona out.

``FilmMaker`` makes one film; ``JobQueue`` remembers what was asked for, ``Worker`` works it off.
"""

from kiosk.render.batch import read_batch
from kiosk.render.cache import FilmCache
from kiosk.render.jobs import Job, JobQueue, JobState, queue_path
from kiosk.render.maker import FilmMaker, Made
from kiosk.render.request import RATES_FPS, FilmRequest, Subtitles, parse_size
from kiosk.render.worker import Outcome, Worker, films_dir

__all__ = [
    "RATES_FPS",
    "FilmCache",
    "FilmMaker",
    "FilmRequest",
    "Job",
    "JobQueue",
    "JobState",
    "Made",
    "Outcome",
    "Subtitles",
    "Worker",
    "films_dir",
    "parse_size",
    "queue_path",
    "read_batch",
]

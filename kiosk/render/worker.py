"""Works jobs off: from the cache if it can, else by making the film."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kiosk import paths
from kiosk.errors import Cancelled, KioskError
from kiosk.persona import LoadedPersona, load_persona
from kiosk.render.alive import BEAT_S
from kiosk.render.cache import FilmCache, fingerprint, ingredients
from kiosk.render.jobs import ENDED, Job, JobQueue, JobState
from kiosk.render.maker import FilmMaker, Report
from kiosk.render.request import FilmRequest
from kiosk.timing import CancelToken

log = logging.getLogger(__name__)

_ELSEWHERE_S = 0.5  # between two looks at jobs that another process works on


@dataclass(frozen=True, slots=True)
class Outcome:
    """Attributes:
    job: As it ended.
    error: Why it failed; None if it did not.
    """

    job: Job
    error: KioskError | None


class Worker:
    """Works off jobs one after the other; models stay loaded between jobs of one persona.

    Args:
        queue: Of this thread.
        threads: For each model.
    """

    def __init__(self, queue: JobQueue, threads: int) -> None:
        self._queue = queue
        self._threads = threads
        self._cache = FilmCache(films_dir())
        self._maker: FilmMaker | None = None
        self._made_of: dict[str, str] = {}  # what the maker has loaded

    def work_off(
        self, numbers: Sequence[int], report: Callable[[Job], Report]
    ) -> Iterator[Outcome]:
        """These jobs, as they end; those that another worker took are waited for.

        Args:
            numbers: Of jobs in the queue.
            report: Called with each job that begins here; told how far it is.
        """
        left = list(numbers)
        while left:
            job = self._queue.take(left)
            if job is not None:
                left.remove(job.id)
                yield self.work(job, report(job))
                continue
            elsewhere = [self._queue.job(number) for number in left]
            for job in elsewhere:
                if job.state in ENDED:
                    left.remove(job.id)
                    yield Outcome(job, _told_elsewhere(job))
            time.sleep(_ELSEWHERE_S if left else 0)

    def work(self, job: Job, report: Report) -> Outcome:
        """Make the film of a job that ``JobQueue.take`` gave.

        Raises:
            KeyboardInterrupt: Passed on; the job is cancelled.
        """
        cancel = CancelToken()
        notes: list[str] = []
        error: KioskError | None = None
        state, from_cache = JobState.DONE, False
        try:
            with _heart(self._queue.path, job, cancel, report) as told:
                from_cache = self._make(job.request, cancel, told, notes)
        except (Cancelled, KeyboardInterrupt) as stopped:
            self._queue.end(job.id, JobState.CANCELLED)
            if isinstance(stopped, KeyboardInterrupt):
                raise
            return Outcome(self._queue.job(job.id), None)
        except KioskError as caught:
            state, error = JobState.FAILED, caught
        except BaseException as caught:
            self._queue.end(job.id, JobState.FAILED, reason=f"internal error: {caught!r}")
            raise
        self._queue.end(
            job.id,
            state,
            reason=str(error) if error else "",
            notes="\n".join(notes),
            from_cache=from_cache,
        )
        return Outcome(self._queue.job(job.id), error)

    def _make(
        self, request: FilmRequest, cancel: CancelToken, report: Report, notes: list[str]
    ) -> bool:
        """Make or copy the film; whether it was copied."""
        request.check()  # again: between asking and making, files come and go
        loaded = load_persona(request.persona)
        made_of = _ingredients(loaded)
        name = fingerprint(loaded, request, made_of) if request.cached and made_of else None
        if name is not None and self._cache.fetch(name, request):
            return True
        maker = self._maker_for(loaded, made_of)
        made = maker.make(request, cancel, report)
        notes += maker.faults
        if name is not None and not maker.faults:
            self._cache.keep(name, request, made)
        return False

    def _maker_for(self, loaded: LoadedPersona, made_of: dict[str, str]) -> FilmMaker:
        """The one of the job before, unless the persona or one of its files has changed."""
        if self._maker is None or (self._maker.loaded, self._made_of) != (loaded, made_of):
            self._maker = FilmMaker(loaded, self._threads)
            self._made_of = made_of
        return self._maker


def _ingredients(loaded: LoadedPersona) -> dict[str, str]:
    """What films are made of; empty if a file is missing and will be replaced."""
    try:
        return ingredients(loaded)
    except (KioskError, OSError) as error:
        log.info("the film is not looked for in the cache: %s", error)
        return {}


def films_dir() -> Path:
    """Where finished films are kept."""
    return paths.cache_dir() / "films"


def _told_elsewhere(job: Job) -> KioskError | None:
    return KioskError(job.reason) if job.state is JobState.FAILED else None


@contextmanager
def _heart(path: Path, job: Job, cancel: CancelToken, report: Report) -> Iterator[Report]:
    """Say all the time that the job is alive and how far it is, and hear whether it shall stop."""
    share = 0.0
    leaving = threading.Event()

    def told(done: float, total: float) -> None:
        nonlocal share
        share = done / total if total else 0.0
        report(done, total)

    def beat() -> None:
        # A full disk stops hearts, too; the film itself will tell.
        with suppress(KioskError), JobQueue(path) as queue:
            while not leaving.wait(BEAT_S / 2):
                with suppress(KioskError):
                    if not queue.beat(job.id, share):
                        cancel.cancel()

    thread = threading.Thread(target=beat, name="heart", daemon=True)
    thread.start()
    try:
        yield told
    finally:
        leaving.set()
        thread.join()

"""Jobs are worked off: from the cache, by making, or to an end that tells why."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.errors import MediaError
from kiosk.messages import Speaking
from kiosk.persona import LoadedPersona, load_persona
from kiosk.render import FilmCache, Job, JobQueue, JobState, Outcome, Subtitles, Worker, films_dir
from kiosk.render import worker as worker_module
from kiosk.render.cache import fingerprint, ingredients
from kiosk.render.maker import Made, Report
from kiosk.render.request import FilmRequest
from kiosk.timing import CancelToken
from tests.render.conftest import Ask, small_persona

FILES = {"srt": "the srt", "vtt": "the vtt", "visemes.json": "{}"}


class FakeMaker:
    """Writes the text as the film.

    Attributes:
        made: Every text, in order.
        does: Called in the middle of each film.
        cancel: The token of the film that is made.
    """

    made: list[str]
    does: Callable[[], None]
    cancel: CancelToken

    def __init__(self, loaded: LoadedPersona, threads: int) -> None:
        del threads
        self.loaded = loaded
        self.faults: list[str] = []

    def make(self, request: FilmRequest, cancel: CancelToken, report: Report) -> Made:
        report(1, 2)
        FakeMaker.cancel = cancel
        FakeMaker.does()
        FakeMaker.made.append(request.text)
        request.out.write_text(request.text)
        if request.titles is not None:
            request.titles.write_text(FILES[request.subtitles])
        return Made(1.0, FILES)


@pytest.fixture(autouse=True)
def fake_maker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    FakeMaker.made = []
    FakeMaker.does = lambda: None
    monkeypatch.setattr(worker_module, "FilmMaker", FakeMaker)
    monkeypatch.setattr(worker_module, "films_dir", lambda: tmp_path / "cache")


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    with JobQueue(tmp_path / "films.sqlite3") as queue:
        yield queue


def _silent(job: Job) -> Report:
    del job

    def report(done: float, total: float) -> None:
        del done, total

    return report


def work(queue: JobQueue, *requests: FilmRequest) -> list[Outcome]:
    numbers = queue.add(requests)
    return list(Worker(queue, 1).work_off(numbers, _silent))


def name_of(loaded: LoadedPersona, request: FilmRequest) -> str:
    return fingerprint(loaded, request, ingredients(loaded))


def test_the_same_film_is_made_once(ask: Ask, queue: JobQueue, tmp_path: Path) -> None:
    (first,) = work(queue, ask("One."))
    (second,) = work(
        queue, ask("One.", "b.mp4", subtitles=Subtitles.VTT, visemes=tmp_path / "v.json")
    )
    assert FakeMaker.made == ["One."]
    assert (first.job.state, first.job.from_cache) == (JobState.DONE, False)
    assert (second.job.state, second.job.from_cache) == (JobState.DONE, True)
    assert (tmp_path / "b.mp4").read_text() == "One."
    assert (tmp_path / "b.vtt").read_text() == "the vtt"
    assert (tmp_path / "v.json").read_text() == "{}"


def test_without_the_cache(ask: Ask, queue: JobQueue, tmp_path: Path) -> None:
    work(queue, ask("One.", cached=False), ask("One.", cached=False))
    assert FakeMaker.made == ["One.", "One."]
    assert not (tmp_path / "cache").exists()


def test_what_the_name_depends_on(ask: Ask, persona: LoadedPersona, tmp_path: Path) -> None:
    one = ask("One.")
    wavs = [tmp_path / "a.wav", tmp_path / "b.wav"]
    for wav in wavs:
        wav.write_text(wav.name)
    different = [
        one, ask("Two."), ask("One.", size=(640, 360)), ask("One.", fps=50),
        ask("One.", voice=Speaking.KIOSK), ask("One.", subtitles=Subtitles.BURN),
        ask(wav=wavs[0]), ask(wav=wavs[1]),
    ]  # fmt: skip
    names = {name_of(persona, request) for request in different}
    assert len(names) == len(different)
    same = [
        ask("One.", "other.mp4"), ask("One.", subtitles=Subtitles.SRT),
        ask("One.", visemes=tmp_path / "v.json"), ask("One.", cached=False),
    ]  # fmt: skip
    assert {name_of(persona, request) for request in same} == {name_of(persona, one)}


@pytest.mark.parametrize("change", ["idle.mp4", "idle.faces.json", "disclosure", "voice", "name"])
def test_a_changed_persona_is_another_film(ask: Ask, tmp_path: Path, change: str) -> None:
    path = small_persona(tmp_path)
    before = name_of(load_persona(path), ask("One."))
    if change.startswith("idle"):
        with (tmp_path / change).open("ab") as file:
            file.write(b"\n")
    else:
        old, new = {
            "disclosure": ("AI-generated.", "Made by a machine."),
            "voice": ("[support]", "[voice]\nrate = 1.2\n[support]"),
            "name": ('"Ada"', '"Ada Lovelace"'),
        }[change]
        path.write_text(path.read_text().replace(old, new))
    assert name_of(load_persona(path), ask("One.")) != before


def test_an_upright_loop_changes_tall_films_only(ask: Ask, tmp_path: Path) -> None:
    loaded = load_persona(small_persona(tmp_path, upright=True))
    wide, tall = ask("One.", size=(280, 200)), ask("One.", size=(160, 200))
    before = name_of(loaded, wide), name_of(loaded, tall)
    with (tmp_path / "upright.mp4").open("ab") as file:
        file.write(b"\0\0\0\x08free")
    assert name_of(loaded, wide) == before[0]
    assert name_of(loaded, tall) != before[1]


def test_other_answers_are_no_other_film(ask: Ask, tmp_path: Path) -> None:
    path = small_persona(tmp_path)
    before = name_of(load_persona(path), ask("One."))
    path.write_text(path.read_text().replace("I am Ada.", "I am Ada Lovelace."))
    assert name_of(load_persona(path), ask("One.")) == before


def test_a_new_loop_is_loaded_by_a_worker_that_goes_on(queue: JobQueue, tmp_path: Path) -> None:
    path = small_persona(tmp_path)
    makers: list[object] = []
    worker = Worker(queue, 1)
    for change in (False, False, True):
        if change:
            with (tmp_path / "idle.mp4").open("ab") as file:
                file.write(b"\0\0\0\x08free")
        numbers = queue.add([FilmRequest(path, tmp_path / "film.mp4", "One.", cached=False)])
        list(worker.work_off(numbers, _silent))
        makers.append(worker._maker)
    assert makers[0] is makers[1]
    assert makers[1] is not makers[2]


def test_the_least_used_films_make_way(ask: Ask, tmp_path: Path) -> None:
    cache = FilmCache(tmp_path / "cache", most_bytes=2500)
    request = ask("x" * 1000)
    request.out.write_text(request.text)
    for number, name in enumerate(("first", "second")):
        cache.keep(name, request, Made(1.0, {}))
        os.utime(tmp_path / "cache" / name, (number, number))
    assert cache.fetch("first", request)  # used again: now the second is older
    cache.keep("third", request, Made(1.0, {}))
    kept = {name for name in ("first", "second", "third") if cache.fetch(name, request)}
    assert kept == {"first", "third"}
    assert cache.clear() == 2
    assert not cache.fetch("first", request)


def test_a_film_made_with_a_replacement_is_not_kept(
    ask: Ask, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = FakeMaker.make

    def replaced(self: FakeMaker, *given: object) -> Made:
        self.faults.append("voice: The voice is broken.")
        return make(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(FakeMaker, "make", replaced)
    first, second = work(queue, ask("One."), ask("One."))
    assert first.job.notes == "voice: The voice is broken."
    assert not second.job.from_cache


def test_one_failure_does_not_stop_the_rest(ask: Ask, queue: JobQueue) -> None:
    def fail() -> None:
        if not FakeMaker.made:
            FakeMaker.made.append("failed")
            raise MediaError("The disk is full.", where="film.mp4", remedy="Make room.")

    FakeMaker.does = fail
    first, second = work(queue, ask("One."), ask("Two.", "b.mp4"))
    assert first.job.state is JobState.FAILED
    assert first.job.reason == "film.mp4: The disk is full. Make room." == str(first.error)
    assert second.job.state is JobState.DONE


def test_a_folder_that_went_away_is_told(ask: Ask, queue: JobQueue) -> None:
    (outcome,) = work(queue, ask("One.", "gone/film.mp4"))
    assert outcome.job.state is JobState.FAILED
    assert "folder that exists" in outcome.job.reason


def test_it_is_called_off_from_another_process(ask: Ask, queue: JobQueue, tmp_path: Path) -> None:
    def called_off() -> None:
        with JobQueue(queue.path) as other:  # as a second `kiosk render cancel` does
            other.cancel(1)
        assert FakeMaker.cancel.wait_s(30)
        FakeMaker.cancel.check()

    FakeMaker.does = called_off
    (outcome,) = work(queue, ask("One."))
    assert (outcome.job.state, outcome.error) == (JobState.CANCELLED, None)
    assert not (tmp_path / "film.mp4").exists()


def test_the_key_that_interrupts_cancels(ask: Ask, queue: JobQueue) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    FakeMaker.does = interrupted
    with pytest.raises(KeyboardInterrupt):
        work(queue, ask("One."))
    assert queue.job(1).state is JobState.CANCELLED


def test_a_bug_is_written_down_before_it_is_seen(ask: Ask, queue: JobQueue) -> None:
    def bug() -> None:
        raise ZeroDivisionError("by nought")

    FakeMaker.does = bug
    with pytest.raises(ZeroDivisionError):
        work(queue, ask("One."))
    assert "by nought" in queue.job(1).reason


def test_it_says_how_far_it_is(ask: Ask, queue: JobQueue) -> None:
    def look() -> None:
        with JobQueue(queue.path) as other:
            until_s = time.monotonic() + 30
            while other.job(1).progress != 0.5:
                assert time.monotonic() < until_s
                time.sleep(0.05)

    FakeMaker.does = look
    (outcome,) = work(queue, ask("One."))
    assert outcome.job.progress == 1


def test_a_job_that_another_worker_took_is_waited_for(ask: Ask, queue: JobQueue) -> None:
    with JobQueue(queue.path) as other:
        numbers = queue.add([ask("One."), ask("Two.", "b.mp4")])
        taken = other.take()
        assert taken is not None

        def end_it() -> None:
            other.end(taken.id, JobState.FAILED, reason="The disk is full.")

        FakeMaker.does = end_it
        mine, theirs = Worker(queue, 1).work_off(numbers, _silent)
    assert mine.job.state is JobState.DONE
    assert theirs.job.id == taken.id
    assert str(theirs.error) == "The disk is full."


def test_cached_films_are_in_the_cache_folder(home: Path) -> None:
    assert films_dir() == home / "cache" / "films"

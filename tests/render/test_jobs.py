"""The queue: nothing is lost or made twice, and what is forgotten is gone from the disk."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kiosk.errors import BadInput, Missing
from kiosk.render import JobQueue, JobState
from kiosk.render.alive import DEAD_AFTER_S, is_alive, this_worker
from kiosk.render.schema import VERSION
from kiosk.video import part_of
from tests.render.conftest import Ask


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "films.sqlite3"


def test_from_queued_to_done(ask: Ask, path: Path) -> None:
    with JobQueue(path) as queue:
        assert queue.take() is None
        first, second = queue.add([ask("One."), ask("Two.", "b.mp4")])
        job = queue.take()
        assert job is not None
        assert (job.id, job.state, job.request) == (first, JobState.RUNNING, ask("One."))
        assert queue.beat(first, 0.25)
        assert queue.job(first).progress == 0.25
        queue.end(first, JobState.DONE, notes="the lips are a warp")
        done = queue.job(first)
        assert (done.state, done.progress, done.notes) == (JobState.DONE, 1, "the lips are a warp")
        assert done.started_at is not None
        assert done.ended_at is not None
        assert [job.id for job in queue.jobs(JobState.QUEUED)] == [second]
        assert [job.id for job in queue.jobs()] == [first, second]
    with JobQueue(path) as queue:  # another process
        assert queue.job(first) == done


def test_failed_and_tried_again(ask: Ask, path: Path) -> None:
    with JobQueue(path) as queue:
        (number,) = queue.add([ask("One.")])
        queue.take()
        queue.end(number, JobState.FAILED, reason="The disk is full.")
        assert queue.job(number).reason == "The disk is full."
        with pytest.raises(BadInput, match="failed already"):
            queue.cancel(number)
        assert queue.retry(number).state is JobState.QUEUED
        assert queue.job(number).reason == ""
        with pytest.raises(BadInput, match="Only failed and cancelled"):
            queue.retry(number)
        assert queue.take() is not None


def test_cancelled(ask: Ask, path: Path) -> None:
    with JobQueue(path) as queue, JobQueue(path) as other:
        waiting, running = queue.add([ask("One."), ask("Two.")])
        assert other.cancel(waiting).state is JobState.CANCELLED
        assert other.cancel(waiting).state is JobState.CANCELLED
        assert queue.take() is not None
        assert queue.beat(running, 0.1)
        assert other.cancel(running).state is JobState.RUNNING
        assert not queue.beat(running, 0.2)  # hears it
        queue.end(running, JobState.CANCELLED)
        assert queue.retry(running).state is JobState.QUEUED
        queue.take([running])
        assert queue.beat(running, 0.1)  # the old wish is forgotten
        with pytest.raises(BadInput, match="no film 99"):
            other.cancel(99)


def test_no_job_is_taken_twice(ask: Ask, path: Path) -> None:
    with JobQueue(path) as queue:
        numbers = queue.add([ask("Again.", f"{n}.mp4") for n in range(40)])
    taken: list[int] = []

    def work() -> None:
        with JobQueue(path) as queue:
            while (job := queue.take()) is not None:
                taken.append(job.id)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == numbers


def test_only_wanted_jobs_are_taken(ask: Ask, path: Path) -> None:
    with JobQueue(path) as queue:
        _, second = queue.add([ask("One."), ask("Two.", "b.mp4")])
        job = queue.take([second])
        assert job is not None
        assert job.id == second
        assert queue.take([second]) is None


def test_a_film_waits_for_another_one_in_the_same_file(ask: Ask, path: Path) -> None:
    with JobQueue(path) as queue:
        first, second, third = queue.add([ask("One."), ask("Two."), ask("Three.", "b.mp4")])
        assert [queue.take(), queue.take(), queue.take()] == [
            queue.job(first), queue.job(third), None
        ]  # fmt: skip
        queue.end(first, JobState.DONE)
        assert queue.take() == queue.job(second)


def test_a_job_whose_process_died_is_queued_again(ask: Ask, path: Path) -> None:
    with JobQueue(path) as queue:
        (number,) = queue.add([ask("One.")])
    code = (
        "import sys, os; from pathlib import Path; from kiosk.render import JobQueue;"
        "JobQueue(Path(sys.argv[1])).take(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False, timeout=60)
    part_of(ask().out).write_text("half a film")
    with JobQueue(path) as queue:
        assert queue.job(number).state is JobState.RUNNING
        job = queue.take()
        assert job is not None
        assert job.id == number
    assert not part_of(ask().out).exists()


def test_a_heart_that_stopped_counts_as_dead(ask: Ask, path: Path) -> None:
    now_s = 1000.0
    with JobQueue(path, now_s=lambda: now_s) as queue:
        (number,) = queue.add([ask("One.")])
        queue.take()
        now_s += DEAD_AFTER_S - 1
        assert queue.bring_back() == []
        queue.beat(number, 0.5)
        now_s += DEAD_AFTER_S - 1
        assert queue.bring_back() == []
        now_s += 2
        assert queue.bring_back() == [number]
        assert queue.job(number).state is JobState.QUEUED
        # Whoever worked on it hears that it is his no longer, and cannot end it.
        assert not queue.beat(number, 0.6)
        queue.end(number, JobState.DONE)
        assert queue.job(number).state is JobState.QUEUED


def test_cancelled_while_its_worker_was_dead(ask: Ask, path: Path) -> None:
    now_s = 1000.0
    with JobQueue(path, now_s=lambda: now_s) as queue:
        (number,) = queue.add([ask("One.")])
        queue.take()
        queue.cancel(number)
        now_s += DEAD_AFTER_S + 1
        queue.bring_back()
        assert queue.job(number).state is JobState.CANCELLED
        assert queue.job(number).ended_at is not None


def test_alive() -> None:
    assert is_alive(this_worker(), 100.0, 101.0)
    assert not is_alive(this_worker(), 100.0, 101.0 + DEAD_AFTER_S)
    assert not is_alive(this_worker(), 100.0, 5.0)  # the machine was restarted
    assert not is_alive(None, None, 5.0)
    if sys.platform == "linux":
        assert not is_alive(f"{os.getpid()} 1", 100.0, 101.0)  # the number was given again


def test_what_is_forgotten_is_gone_from_the_disk(ask: Ask, path: Path) -> None:
    secret = "The director's speech is on Thursday."
    with JobQueue(path) as queue:
        first, second, kept = queue.add([ask(secret), ask(secret), ask("Kept.")])
        queue.take([first])
        queue.end(first, JobState.DONE)
        queue.cancel(second)
        assert queue.forget() == 2
        assert [job.id for job in queue.jobs()] == [kept]
        files = list(path.parent.iterdir())
        assert not any(b"director" in file.read_bytes() for file in files)
        (later,) = queue.add([ask("Later.")])
        assert later > kept


def test_only_the_owner_reads_it(ask: Ask, path: Path) -> None:
    with JobQueue(path) as queue:
        queue.add([ask("One.")])
        modes = {file.stat().st_mode & 0o077 for file in path.parent.iterdir()}
    assert modes == {0}


def test_a_newer_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    with pytest.raises(BadInput, match="newer kiosk"):
        JobQueue(path)


def test_a_damaged_database_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)
    with pytest.raises(BadInput, match="damaged"):
        JobQueue(path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(Missing, match="cannot be used"):
        JobQueue(tmp_path / "data" / "films.sqlite3")


def test_all_films_are_added_or_none(ask: Ask, path: Path) -> None:
    with JobQueue(path) as queue:
        with pytest.raises(TypeError):
            queue.add([ask("One."), ask("Two.", fps=object())])
        assert queue.jobs() == []
        assert queue.add([ask("One.")])


def test_a_name_that_is_no_unicode(ask: Ask, path: Path) -> None:
    request = ask("One.", "f\udcff.mp4")  # how Python reads the byte 255 in a file name
    with JobQueue(path) as queue:
        (number,) = queue.add([request])
        assert queue.job(number).request == request

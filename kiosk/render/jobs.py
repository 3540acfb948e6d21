"""The queue of films: every film that was asked for, and what became of it.

::

    queued ──▶ running ──▶ done
      │  ▲        ├──────▶ failed (with the reason)
      │  │        ├──────▶ cancelled
      │  └────────┘ its worker died
      └──────────────────▶ cancelled

`retry` brings failed and cancelled jobs back to queued. Every step is one statement of the
database, so two workers never take the same job.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kiosk import paths
from kiosk.errors import BadInput
from kiosk.render.alive import is_alive, this_worker
from kiosk.render.request import FilmRequest
from kiosk.render.schema import connect, told
from kiosk.video import part_of


class JobState(StrEnum):
    """What became of a film so far."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Job:
    """One film that was asked for.

    Attributes:
        id: Its number, from 1.
        state: What became of it.
        request: What was asked for.
        reason: Why it failed, one sentence; else empty.
        notes: What had to be replaced, for staff; else empty.
        progress: 0 to 1.
        from_cache: Whether it was copied.
        created_at: UTC, ISO 8601.
        started_at: None before.
        ended_at: None before.
    """

    id: int
    state: JobState
    request: FilmRequest
    reason: str
    notes: str
    progress: float
    from_cache: bool
    created_at: str
    started_at: str | None
    ended_at: str | None

    def as_record(self) -> dict[str, Any]:
        """For `kiosk render list --json`."""
        return {
            "id": self.id,
            "state": str(self.state),
            "progress": round(self.progress, 3),
            "reason": self.reason,
            "notes": self.notes,
            "from_cache": self.from_cache,
            "created_at": self.created_at,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "request": self.request.as_record(),
        }


def queue_path() -> Path:
    """Where the queue is kept."""
    return paths.data_dir() / "films.sqlite3"


class JobQueue:
    """The queue, for use by one thread; every thread and process opens its own.

    Args:
        path: The database.
        now_s: The machine's monotonic clock.

    Raises:
        Missing: The database cannot be opened or written, now or in any later call.
        BadInput: It is damaged, or a newer kiosk's.
    """

    def __init__(self, path: Path, now_s: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._now_s = now_s
        self._worker = this_worker()
        self._database = connect(path)

    def add(self, requests: Sequence[FilmRequest]) -> list[int]:
        """Put films at the end of the queue, all or none; their numbers."""
        with told(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                numbers = [self._insert(request) for request in requests]
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")
        return numbers

    def take(self, among: Sequence[int] | None = None) -> Job | None:
        """Make the oldest queued job this process's own; None if there is none.

        Jobs whose worker died are queued again first, and begin from the start. A job waits while
        another one writes to the same file.

        Args:
            among: Only one of these; None for any.
        """
        self.bring_back()
        wanted = "" if among is None else f"AND id IN ({_marks(among)})"
        rows = self._run(
            f"""UPDATE jobs SET state = 'running', started_at = ?, ended_at = NULL, worker = ?,
                heartbeat_s = ?, progress = 0, stop_wanted = 0, reason = '', notes = ''
            WHERE id = (SELECT id FROM jobs WHERE state = 'queued' {wanted}
                AND json_extract(request, '$.out') NOT IN
                    (SELECT json_extract(request, '$.out') FROM jobs WHERE state = 'running')
                ORDER BY id LIMIT 1)
            RETURNING *""",
            (_utc(), self._worker, self._now_s(), *(among or ())),
        )
        return _job(rows[0]) if rows else None

    def beat(self, number: int, progress: float) -> bool:
        """Say that a job is being worked on; false if it shall stop."""
        rows = self._run(
            """UPDATE jobs SET heartbeat_s = ?, progress = ?
            WHERE id = ? AND state = 'running' AND worker = ? RETURNING stop_wanted""",
            (self._now_s(), progress, number, self._worker),
        )
        return bool(rows) and not rows[0]["stop_wanted"]

    def end(
        self,
        number: int,
        state: JobState,
        *,
        reason: str = "",
        notes: str = "",
        from_cache: bool = False,
    ) -> None:
        """Write down what became of a job of this process."""
        self._run(
            """UPDATE jobs SET state = ?, reason = ?, notes = ?, from_cache = ?, ended_at = ?,
                worker = NULL, heartbeat_s = NULL,
                progress = CASE ? WHEN 'done' THEN 1 ELSE progress END
            WHERE id = ? AND state = 'running' AND worker = ? RETURNING id""",
            (state, reason, notes, from_cache, _utc(), state, number, self._worker),
        )

    def bring_back(self) -> list[int]:
        """Queue jobs again whose worker died, or cancel them if that was wanted; their numbers."""
        rows = self._run("SELECT * FROM jobs WHERE state = 'running'")
        dead = [
            row for row in rows if not is_alive(row["worker"], row["heartbeat_s"], self._now_s())
        ]
        for row in dead:
            # Only if nobody else brought it back meanwhile.
            brought = self._run(
                """UPDATE jobs SET worker = NULL, heartbeat_s = NULL, progress = 0,
                    state = CASE stop_wanted WHEN 1 THEN 'cancelled' ELSE 'queued' END,
                    ended_at = CASE stop_wanted WHEN 1 THEN ? END
                WHERE id = ? AND state = 'running' AND worker = ? RETURNING id""",
                (_utc(), row["id"], row["worker"]),
            )
            if brought:
                part_of(_job(row).request.out).unlink(missing_ok=True)
        return [row["id"] for row in dead]

    def cancel(self, number: int) -> Job:
        """Call a job off; one that is running stops within a second or two.

        Raises:
            BadInput: There is no such job, or it has ended.
        """
        self.bring_back()
        self._run("UPDATE jobs SET stop_wanted = 1 WHERE id = ? AND state = 'running'", (number,))
        self._run(
            """UPDATE jobs SET state = 'cancelled', ended_at = ?
            WHERE id = ? AND state = 'queued'""",
            (_utc(), number),
        )
        job = self.job(number)
        if job.state in (JobState.DONE, JobState.FAILED):
            raise BadInput(f"Film {number} is {job.state} already.")
        return job

    def retry(self, number: int) -> Job:
        """Queue a failed or cancelled job again.

        Raises:
            BadInput: There is no such job, or it did not end in vain.
        """
        rows = self._run(
            """UPDATE jobs SET state = 'queued', reason = '', notes = '', progress = 0,
                stop_wanted = 0, started_at = NULL, ended_at = NULL
            WHERE id = ? AND state IN ('failed', 'cancelled') RETURNING *""",
            (number,),
        )
        if not rows:
            raise BadInput(
                f"Film {number} is {self.job(number).state}.",
                remedy="Only failed and cancelled films can be tried again.",
            )
        return _job(rows[0])

    def job(self, number: int) -> Job:
        """One job.

        Raises:
            BadInput: There is no such job.
        """
        rows = self._run("SELECT * FROM jobs WHERE id = ?", (number,))
        if not rows:
            raise BadInput(f"There is no film {number}.", remedy="See 'kiosk render list'.")
        return _job(rows[0])

    def jobs(self, *states: JobState) -> list[Job]:
        """All jobs of these states (none: of all), oldest first."""
        wanted = f"WHERE state IN ({_marks(states)})" if states else ""
        return [_job(row) for row in self._run(f"SELECT * FROM jobs {wanted} ORDER BY id", states)]

    def forget(self) -> int:
        """Delete all jobs that have ended, with their texts; how many."""
        rows = self._run(f"DELETE FROM jobs WHERE state IN ({_marks(ENDED)}) RETURNING id", ENDED)
        # What was deleted still stands in the log of changes until it is written back.
        self._run("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(rows)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _insert(self, request: FilmRequest) -> int:
        text = json.dumps(request.as_record())  # ASCII: names on a disk may be no Unicode
        cursor = self._database.execute(
            "INSERT INTO jobs (state, request, created_at) VALUES ('queued', ?, ?)", (text, _utc())
        )
        return int(cursor.lastrowid or 0)

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with told(self.path):
            return self._database.execute(statement, tuple(values)).fetchall()


def _job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        state=JobState(row["state"]),
        request=FilmRequest.from_record(json.loads(row["request"])),
        reason=row["reason"],
        notes=row["notes"],
        progress=row["progress"],
        from_cache=bool(row["from_cache"]),
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _utc() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

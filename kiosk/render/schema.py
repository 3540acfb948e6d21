"""The queue's database: its one table, its version, and how it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.errors import BadInput, Missing

VERSION = 1
_BUSY_S = 10.0  # another process writes for milliseconds

_TABLES = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again, so that a number means one film
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    request TEXT NOT NULL,                 -- JSON, see FilmRequest.as_record
    reason TEXT NOT NULL DEFAULT '',       -- why it failed
    notes TEXT NOT NULL DEFAULT '',        -- what had to be replaced
    progress REAL NOT NULL DEFAULT 0,      -- 0 to 1
    from_cache INTEGER NOT NULL DEFAULT 0,
    stop_wanted INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,              -- UTC, ISO 8601
    started_at TEXT,
    ended_at TEXT,
    worker TEXT,                           -- process that runs it, see kiosk.render.alive
    heartbeat_s REAL                       -- the machine's monotonic clock
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, id);
"""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn the database's faults into one sentence.

    Raises:
        BadInput: The file is no database of this kind.
        Missing: It cannot be read or written.
    """
    try:
        yield
    except sqlite3.OperationalError as error:  # a kind of DatabaseError, so first
        raise Missing(
            f"The list of films cannot be used ({error}).",
            where=path,
            remedy="Check that the folder may be written and the disk has space.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise BadInput(
            f"The list of films is damaged ({error}).",
            where=path,
            remedy="Delete the file; the films themselves are elsewhere.",
        ) from error


def connect(path: Path) -> sqlite3.Connection:
    """Open the database; makes it where there is none.

    Readers and one writer work side by side (WAL), and what is deleted is overwritten, because the
    texts are the museum's own.

    Raises:
        BadInput: The file is no database of this kind, or a newer kiosk's.
        Missing: It cannot be opened.
    """
    with told(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
        except OSError as error:
            raise sqlite3.OperationalError(error.strerror or str(error)) from error
        connection = sqlite3.connect(
            path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA wal_autocheckpoint = 16")  # pages: hearts beat for hours
            connection.execute("PRAGMA secure_delete = ON")
            _bring_up_to_date(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        connection.execute("ROLLBACK")
        raise BadInput(
            f"The list of films is of version {version}, and this kiosk knows {VERSION}.",
            where=path,
            remedy="Use the newer kiosk that wrote it.",
        )
    if version == 0:
        for statement in _TABLES.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")

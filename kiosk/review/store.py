"""Questions on disk: one file a day, appended to, and deleted when its day is over the limit.

A day's file is the unit of forgetting. Deleting needs no space, so the retention time holds on a
full disk too; a line cut off by a kill or a full disk is skipped when read. Nothing in a line or
its place tells when in the day, or in whose visit, it was asked: files of past days are sorted.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from kiosk import paths
from kiosk.review.blanking import without_blanks

FOLDER = "questions"
MOST_DAY_BYTES = 100_000  # about a thousand questions; what comes after them that day is not kept
MOST_BYTES = 2_000_000  # of all days; the oldest go first
_FILE = re.compile(r"(\d{4}-\d{2}-\d{2})\.jsonl")
_ONLY_OWNER_FILE, _ONLY_OWNER_FOLDER = 0o600, 0o700


class Why(StrEnum):
    """Why a question had no good answer."""

    DECLINED = "declined"  # "I do not know"
    MODEL = "model"  # no prepared answer: the language model spoke
    CORRECTED = "corrected"  # the visitor put another question in the answer's place at once


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """One question.

    Attributes:
        day: Day on which it was asked.
        question: Its text, blanked.
        why: Why it had no good answer.
    """

    day: date
    question: str
    why: Why


def questions_dir() -> Path:
    """Where questions are kept, if the operator wants it."""
    return paths.data_dir() / FOLDER


class QuestionStore:
    """Aim: keep short anonymous texts for a while, and nothing longer than that.

    Every method but ``all`` raises OSError where the disk does; the caller decides whether that
    matters (never, beside a visitor).
    """

    def __init__(
        self, folder: Path, *, keep_days: int, today: Callable[[], date] = date.today
    ) -> None:
        """Nothing is read or written yet.

        Args:
            folder: Holds nothing else; made with the first question.
            keep_days: Retention time, days, the day of the question not counted.
            today: Local date.
        """
        self._folder = folder
        self._keep_days = keep_days
        self._today = today

    def add(self, question: str, why: Why) -> None:
        """Append a question (blanked already) to the day's file, after deleting what is too old."""
        path = self._folder / f"{self._today().isoformat()}.jsonl"
        if path.exists():
            self._forget_old()
        else:  # the first of a day
            self.prune()
        line = json.dumps({"question": question, "why": why}, ensure_ascii=False).encode() + b"\n"
        self._folder.mkdir(mode=_ONLY_OWNER_FOLDER, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, _ONLY_OWNER_FILE)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                line = b"\n" + line  # an earlier line was cut off
            if size + len(line) > MOST_DAY_BYTES:
                return
            written = os.write(handle, line)
            if written != len(line):  # the disk is full
                os.ftruncate(handle, size)
        finally:
            os.close(handle)

    def prune(self) -> None:
        """Delete days beyond the retention time and the size; put past days in order.

        A day in the future is deleted as well: a clock that was wrong must not keep it for ever.
        """
        for day, path in self._forget_old():
            if day < self._today():
                self._sort(day, path)

    def all(self) -> tuple[Kept, ...]:
        """Every question, in the order of days; unreadable lines are left out."""
        return tuple(kept for day, path in sorted(self._files()) for kept in _read(day, path))

    def texts(self) -> tuple[str, ...]:
        """Every question without its placeholders, for `kiosk persona check`."""
        return tuple(without_blanks(kept.question) for kept in self.all())

    def remove(self, questions: Collection[str]) -> int:
        """Delete questions by their text; returns how many entries that were."""
        removed = 0
        for day, path in self._files():
            entries = _read(day, path)
            left = [kept for kept in entries if kept.question not in questions]
            if len(left) < len(entries):
                removed += len(entries) - len(left)
                _rewrite(path, left)
        return removed

    def purge(self) -> int:
        """Delete everything; returns how many questions that were."""
        count = len(self.all())
        for _, path in self._files():
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty: then something in it is not ours
            self._folder.rmdir()
        return count

    def _forget_old(self) -> list[tuple[date, Path]]:
        """Delete what is too old or too much; returns the files that stay."""
        today = self._today()
        oldest, newest = today - timedelta(days=self._keep_days), today + timedelta(days=1)
        stay, total = [], 0
        for day, path in sorted(self._files(), reverse=True):
            total += path.stat().st_size
            if oldest <= day <= newest and total <= MOST_BYTES:
                stay.append((day, path))
            else:
                path.unlink(missing_ok=True)
        return stay

    def _files(self) -> list[tuple[date, Path]]:
        return list(_days_in(self._folder))

    def _sort(self, day: date, path: Path) -> None:
        entries = _read(day, path)
        if list(entries) != sorted(entries):
            _rewrite(path, sorted(entries))


def _days_in(folder: Path) -> Iterator[tuple[date, Path]]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if named := _FILE.fullmatch(path.name):
            with contextlib.suppress(ValueError):  # there is no 30th of February
                yield date.fromisoformat(named[1]), path


def _read(day: date, path: Path) -> tuple[Kept, ...]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ()
    kept = []
    for line in lines:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            entry = json.loads(line)
            if isinstance(entry["question"], str):
                kept.append(Kept(day, entry["question"], Why(entry["why"])))
    return tuple(kept)


def _rewrite(path: Path, entries: Sequence[Kept]) -> None:
    """In one step, so that a kill leaves the old file or the new one."""
    if not entries:
        path.unlink(missing_ok=True)
        return
    lines = (
        json.dumps({"question": e.question, "why": e.why}, ensure_ascii=False) for e in entries
    )
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise

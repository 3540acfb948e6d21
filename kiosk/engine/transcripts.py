"""What was asked, as text, for staff: only what the operator switched on. Off by default.

Two switches of site.toml: whole transcripts, for trying a kiosk out; and questions without a good
answer, blanked, for the staff loop (:mod:`kiosk.review`). What a visitor in distress said is in
neither.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kiosk import paths
from kiosk.persona import Persona
from kiosk.persona.site import Storage
from kiosk.review import QuestionStore, Why, blank, questions_dir

log = logging.getLogger(__name__)

MOST_BYTES = 5_000_000  # then the oldest half is given up
FILE = "transcripts.jsonl"
_NO_GOOD_ANSWER = {"unknown": Why.DECLINED, "model": Why.MODEL}


class Transcripts:
    """Aim: keep what may be kept, and never fail a visit over it.

    What is older than the retention time is deleted at the start, whether or not anything is still
    switched on.
    """

    def __init__(self, storage: Storage, persona: Persona) -> None:
        """Delete what is too old.

        Args:
            storage: The operator's switches.
            persona: For its language, and the names that are its own.
        """
        self._storage = storage
        self._language = persona.language
        topics = (topic for answer in persona.answers for topic in answer.topics)
        self._names = (persona.identity.name, *persona.recognition.words, *topics)
        self._questions = QuestionStore(questions_dir(), keep_days=storage.keep_days)
        with contextlib.suppress(OSError):
            self._questions.prune()
            _prune(paths.data_dir() / FILE, storage.keep_days)

    def keep(self, record: dict[str, Any], *, corrected: bool = False) -> None:
        """Keep a turn's record as far as it may be.

        Args:
            record: The JSON object of `kiosk ask`.
            corrected: True if the visitor cut the answer off by tapping another question: a
                spoken one was then probably misunderstood.
        """
        source = record["answer"]["source"]
        if source == "support":
            return
        try:
            if self._storage.keep_transcripts:
                self._append(record)
            heard: str | None = record["heard"]
            why = _NO_GOOD_ANSWER.get(source, Why.CORRECTED if corrected and heard else None)
            if self._storage.keep_questions and why is not None:
                self._keep_question(heard or record["question"] or "", why)
        except OSError as error:
            log.warning("nothing kept: %s", error.strerror)

    def _keep_question(self, text: str, why: Why) -> None:
        question = blank(text, self._language, known=self._names)
        if question:
            self._questions.add(question, why)

    def _append(self, record: dict[str, Any]) -> None:
        path = paths.data_dir() / FILE
        line = {key: record[key] for key in ("question", "heard", "answer", "confidence")}
        line["day"] = date.today().isoformat()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > MOST_BYTES:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(lines[len(lines) // 2 :]), encoding="utf-8")
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _prune(path: Path, keep_days: int) -> None:
    """Leave out the lines of days that are too old; a file of such days only is deleted."""
    if not path.is_file():
        return
    oldest = (date.today() - timedelta(days=keep_days)).isoformat()
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    kept = [line for line in lines if _day_of(line) >= oldest]
    if not kept:
        path.unlink()
    elif len(kept) < len(lines):
        path.write_text("".join(kept), encoding="utf-8")


def _day_of(line: str) -> str:
    try:
        return str(json.loads(line)["day"])
    except (ValueError, KeyError, TypeError):
        return ""

"""Questions and answers as text, for staff, only where the operator switched it on.

Off by default. Never sound, nothing about the person, one JSON object a line.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

from kiosk import paths

MOST_BYTES = 5_000_000  # then the oldest half is given up
FILE = "transcripts.jsonl"


class Transcripts:
    """Appends records; does nothing unless ``keep`` is true, and never fails a visit."""

    def __init__(self, *, keep: bool) -> None:
        self._on = keep

    def keep(self, record: dict[str, Any]) -> None:
        if not self._on:
            return
        path = paths.data_dir() / FILE
        line = {key: record[key] for key in ("question", "heard", "answer", "confidence")}
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and path.stat().st_size > MOST_BYTES:
                lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
                path.write_text("".join(lines[len(lines) // 2 :]), encoding="utf-8")
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

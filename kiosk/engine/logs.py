"""Rotating logs. They tell what the machine did, never what a visitor said."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import sys

from kiosk import paths

MOST_BYTES = 1_000_000
MOST_FILES = 5


def log_to_files(process: str, level: str) -> None:
    """Log to ``<log folder>/<process>.log``; a full or read-only disk means: to stderr only."""
    handlers: list[logging.Handler] = []
    if sys.stderr is not None:  # a windowed build has none
        handlers.append(logging.StreamHandler())
    with contextlib.suppress(OSError):
        paths.log_dir().mkdir(parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                paths.log_dir() / f"{process}.log",
                maxBytes=MOST_BYTES,
                backupCount=MOST_FILES,
                encoding="utf-8",
                delay=True,
            )
        )
    logging.raiseExceptions = False  # a disk that fills up later must not stop anything
    logging.basicConfig(
        level=level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=handlers,
        force=True,
    )

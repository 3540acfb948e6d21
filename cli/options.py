"""Options that several commands share."""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path
from typing import Any

from kiosk import paths

Commands = Any  # argparse's own type of sub-parsers is private
MOST_THREADS = 4  # more gains nothing on models of this size

_NOWHERE = logging.NullHandler()


def say_faults_once() -> None:
    """For commands that print what had to be replaced: Python shall not print the log line too."""
    logging.getLogger("kiosk.engine.parts").addHandler(_NOWHERE)


def add_persona_option(parser: argparse.ArgumentParser) -> None:
    """`--persona FILE`, the same everywhere."""
    parser.add_argument(
        "--persona",
        type=Path,
        default=paths.default_persona(),
        metavar="FILE",
        help="persona file (default: persona.toml beside site.toml, else the kiosk's own)",
    )


def threads_for(wanted: int = 0) -> int:
    """Processor threads for each model: as wanted, else what the machine has, at most four."""
    return wanted or max(1, min(MOST_THREADS, os.cpu_count() or 1))

"""What a build tells; apart from it, as ``build`` loads kaldifst and its callers load vosk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was built.

    Attributes:
        folder: The model.
        seconds: Time it took.
        bytes: Size on disk.
        words: Words it can recognise.
        pronounced_by_rule: Words of the persona that espeak-ng's rules pronounced, to be checked
            by ear and put under ``recognition.pronunciations`` where they are wrong.
        without_pronunciation: Words left out because nothing could pronounce them.
    """

    folder: Path
    seconds: float
    bytes: int
    words: int
    pronounced_by_rule: tuple[str, ...]
    without_pronunciation: tuple[str, ...]

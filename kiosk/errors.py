"""The kiosk's one exception tree.

::

    KioskError                 what went wrong, where, and what to do
    ├── BadInput               exit code 2: a file, a key or an argument is wrong
    │   ├── PersonaError       persona.toml (carries every problem found)
    │   ├── SiteError          the machine's own TOML file
    │   └── MediaError         a video, picture or sound file
    ├── Missing                exit code 3: something is not on this machine
    │   ├── ModelMissing       a model file is not installed
    │   └── DeviceMissing      no microphone, speaker, display or sound server
    └── EngineFault            a running part failed; the kiosk heals by itself
        ├── ModelBroken        a model file exists but cannot be used
        ├── AudioFault         a stream died or hangs
        └── Cancelled          the work was called off; not an error to show

Every message says what, where and what to do, in one sentence each.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class KioskError(Exception):
    """Aim: carry one clear message from the place of the fault to the person who can mend it.

    Attributes:
        what: What is wrong, one sentence.
        where: File, key or device concerned; empty if there is none.
        remedy: What to do about it, one sentence; empty if nothing can be done.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | Path = "", remedy: str = "") -> None:
        self.what = what
        self.where = str(where)
        self.remedy = remedy
        super().__init__(what, self.where, remedy)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} {self.remedy}".rstrip()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.remedy))


def _rebuild(kind: type[KioskError], what: str, where: str, remedy: str) -> KioskError:
    return kind(what, where=where, remedy=remedy)


class BadInput(KioskError):
    """Wrong use or a bad file; the command line ends with exit code 2."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a TOML file.

    Attributes:
        line: 1-based line in the file; 0 if the problem has no line.
        key: Dotted key, e.g. ``answers[3].say``.
        value: The offending value as written, shortened; empty if the key is missing.
        reason: What is wrong, one sentence.
        hint: What was probably meant; empty if unknown.
    """

    line: int
    key: str
    value: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        shown = f" = {self.value}" if self.value else ""
        tail = f" ({self.hint})" if self.hint else ""
        return f"line {self.line}: {self.key}{shown}: {self.reason}{tail}"


class TomlError(BadInput):
    """A TOML file with one or more problems, all of them listed.

    Attributes:
        problems: Every problem, in the order of the file.
    """

    def __init__(self, where: str | Path, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        lines = "\n".join(f"  {problem}" for problem in problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{count}\n{lines}", where=where)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.where, self.problems))


class PersonaError(TomlError):
    """persona.toml cannot be used as it is."""


class SiteError(TomlError):
    """The machine's site.toml cannot be used as it is."""


class MediaError(BadInput):
    """A video, picture or sound file cannot be used."""


class Missing(KioskError):
    """Something is not on this machine; the command line ends with exit code 3."""

    exit_code = 3


class ModelMissing(Missing):
    """A model that persona.toml names is not installed."""


class DeviceMissing(Missing):
    """No microphone, loudspeaker, display or sound server."""


class EngineFault(KioskError):
    """A running part failed; the engine reports it and heals."""


class ModelBroken(EngineFault):
    """A model file is there but its library refuses it."""

    exit_code = 2


class AudioFault(EngineFault):
    """An audio stream died or no longer delivers."""


class Cancelled(EngineFault):
    """The work was called off by an interruption; never shown to anybody."""

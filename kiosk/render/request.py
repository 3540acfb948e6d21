"""What film is wanted: checked before anything is loaded, kept in the queue as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from kiosk.errors import BadInput, MediaError
from kiosk.messages import Shape, Speaking

FILM = ".mp4"
LONGEST_TEXT = 6000
"""Characters; some seven minutes of speech."""

RATES_FPS = (24, 25, 30, 50, 60)
SMALLEST_PX, LARGEST_PX = 160, 3840

_SIZE = re.compile(r"([0-9]{1,5})[x×]([0-9]{1,5})")


class Subtitles(StrEnum):
    """Where the words are shown."""

    NONE = "none"
    BURN = "burn"  # in the picture
    SRT = "srt"  # in a file beside the film
    VTT = "vtt"


@dataclass(frozen=True, slots=True)
class FilmRequest:
    """One film. All paths are absolute, because the queue outlives the folder it was filled from.

    Attributes:
        persona: persona.toml.
        out: The film.
        text: What is said; empty if ``wav`` is given.
        wav: What is said, recorded; None if ``text`` is given.
        size: Width and height, pixels, even; None for the wide loop's.
        fps: One of ``RATES_FPS``. The portrait moves at 25 a second; at other rates its pictures
            are repeated or left out.
        voice: The persona's, or the kiosk's own, to which the portrait does not move its lips.
        subtitles: Where the words are shown.
        visemes: Where the viseme timeline is written; None for nowhere.
        cached: Whether the film may come from the cache, and goes there.
    """

    persona: Path
    out: Path
    text: str = ""
    wav: Path | None = None
    size: tuple[int, int] | None = None
    fps: int = 25
    voice: Speaking = Speaking.PERSONA
    subtitles: Subtitles = Subtitles.NONE
    visemes: Path | None = None
    cached: bool = True

    @property
    def titles(self) -> Path | None:
        """The subtitles' file; None if there is none."""
        beside = self.subtitles in (Subtitles.SRT, Subtitles.VTT)
        return self.out.with_suffix(f".{self.subtitles}") if beside else None

    @property
    def shape(self) -> Shape:
        """Which of the persona's idle loops is filmed: a tall film shows the upright one."""
        tall = self.size is not None and self.size[1] > self.size[0]
        return Shape.UPRIGHT if tall else Shape.WIDE

    def check(self) -> None:
        """Refuse what cannot become a film.

        Raises:
            BadInput: Wrong use, with the place and the cure.
        """
        _check_said(self.text, self.wav)
        if self.fps not in RATES_FPS:
            rates = ", ".join(map(str, RATES_FPS))
            raise BadInput(f"{self.fps} frames a second are not possible.", remedy=f"Use {rates}.")
        if self.size is not None:
            _check_size(self.size)
        if self.wav is not None and (self.subtitles is not Subtitles.NONE or self.visemes):
            raise BadInput(
                "A recording comes without its words, so there are no subtitles and no visemes.",
                where=self.wav,
                remedy="Give the text instead, or leave them out.",
            )
        if self.out.suffix.lower() != FILM:
            raise BadInput("Unknown kind of film.", where=self.out, remedy=f"Name it *{FILM}.")
        for path in (self.out, self.visemes):
            if path is not None and (not path.parent.is_dir() or path.is_dir()):
                raise BadInput(
                    "No file can be written there.",
                    where=path,
                    remedy="Name a file in a folder that exists.",
                )

    def as_record(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "persona": str(self.persona),
            "out": str(self.out),
            "text": self.text,
            "wav": str(self.wav) if self.wav else None,
            "size": list(self.size) if self.size else None,
            "fps": self.fps,
            "voice": str(self.voice),
            "subtitles": str(self.subtitles),
            "visemes": str(self.visemes) if self.visemes else None,
            "cached": self.cached,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The reverse of ``as_record``."""
        return cls(
            persona=Path(record["persona"]),
            out=Path(record["out"]),
            text=record["text"],
            wav=Path(record["wav"]) if record["wav"] else None,
            size=(record["size"][0], record["size"][1]) if record["size"] else None,
            fps=record["fps"],
            voice=Speaking(record["voice"]),
            subtitles=Subtitles(record["subtitles"]),
            visemes=Path(record["visemes"]) if record["visemes"] else None,
            cached=record["cached"],
        )


def parse_size(text: str) -> tuple[int, int]:
    """``1280x720`` as width and height.

    Raises:
        BadInput: It is no size, or one that no film can have.
    """
    match = _SIZE.fullmatch(text.strip().lower())
    if match is None:
        raise BadInput(f"{text!r} is no size.", remedy="Write WIDTHxHEIGHT, such as 1280x720.")
    size = int(match[1]), int(match[2])
    _check_size(size)
    return size


def _check_size(size: tuple[int, int]) -> None:
    if all(SMALLEST_PX <= side <= LARGEST_PX and side % 2 == 0 for side in size):
        return
    raise BadInput(
        f"A film of {size[0]}x{size[1]} pixels is not possible.",
        remedy=f"Use even numbers from {SMALLEST_PX} to {LARGEST_PX}.",
    )


def _check_said(text: str, wav: Path | None) -> None:
    if wav is not None:
        if text:
            raise BadInput("There is a text and a recording.", remedy="Give one of them.")
        if not wav.is_file():
            raise MediaError("There is no such recording.", where=wav, remedy="Check the name.")
        return
    if not any(character.isalnum() for character in text):
        raise BadInput("There is nothing to say.", remedy="Give a text with words in it.")
    if len(text) > LONGEST_TEXT:
        raise BadInput(
            f"The text has {len(text)} characters, and a film takes at most {LONGEST_TEXT}.",
            remedy="Divide it into several films.",
        )

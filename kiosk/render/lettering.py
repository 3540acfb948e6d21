"""Text in the picture: the notice that this is an AI, and titles.

Everything is measured in shares of the film's height or width, so that an upright film and a small
one look alike, and lies inside the central 90 % that every screen shows (EBU R 95).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kiosk.render.planes import Overlay

MARGIN = 0.05
"""Of each side, kept free of text."""

# Of the film's shorter side.
_NOTICE_SIZE = 0.026
_TITLE_SIZE = 0.052
_SMALLEST_NOTICE_PX = 10  # smaller, nobody would read it

_NOTICE_WIDTH = 0.62  # so that it stays in its corner and off the face
_INK = (255, 255, 255, 255)
_SOFT_INK = (255, 255, 255, 235)
_PANEL = (12, 11, 10)
_NOTICE_PANEL = (*_PANEL, 130)
_TITLE_PANEL = (*_PANEL, 190)
_SMOOTH = 4  # panels are drawn this much larger, because Pillow's corners are jagged

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_FOLDER = files("font_source_sans_pro") / "files"


def notice(text: str, size: tuple[int, int]) -> Overlay:
    """The persona's disclosure, small, in the top left corner.

    Args:
        text: As in ``[disclosure] text``.
        size: Width and height of the film.
    """
    width, height = size
    font = _font("Semibold", max(min(size) * _NOTICE_SIZE, _SMALLEST_NOTICE_PX))
    lines = _balanced(text, font, min(size) * _NOTICE_WIDTH)
    picture = _panel(lines, font, _SOFT_INK, _NOTICE_PANEL, centred=False)
    return Overlay(np.asarray(picture), round(width * MARGIN), round(height * MARGIN))


def title(lines: Sequence[str], size: tuple[int, int], widest: str) -> Overlay:
    """One subtitle, at the bottom, in the middle.

    Args:
        lines: From top to bottom.
        size: Width and height of the film.
        widest: The film's longest line: all its titles are of the size at which this one fits.
    """
    width, height = size
    room = width * (1 - 2 * MARGIN)
    size_px = min(size) * _TITLE_SIZE
    font = _font("Semibold", size_px)
    needed = font.getlength(widest) + 2 * _padding(font)[0]
    if needed > room:
        font = _font("Semibold", size_px * room / needed)
    picture = _panel(lines, font, _INK, _TITLE_PANEL, centred=True)
    left = (width - picture.width) // 2
    return Overlay(np.asarray(picture), left, round(height * (1 - MARGIN)) - picture.height)


def missing_letters(text: str) -> str:
    """Letters that the typeface does not have (it has Latin, Greek and Cyrillic), each once."""
    font = _font("Semibold", 20)
    unknown = bytes(font.getmask("\uffff"))  # the box that is drawn instead
    letters = dict.fromkeys(letter for letter in text if not letter.isspace())
    return "".join(letter for letter in letters if bytes(font.getmask(letter)) == unknown)


def _panel(
    lines: Sequence[str],
    font: ImageFont.FreeTypeFont,
    ink: tuple[int, int, int, int],
    panel: tuple[int, int, int, int],
    *,
    centred: bool,
) -> Image.Image:
    """Lines of text on a panel with round corners."""
    ascent, descent = font.getmetrics()
    leading = round((ascent + descent) * 1.02)
    across, down = _padding(font)
    lengths = [font.getlength(line) for line in lines]
    width = round(max(lengths) + 2 * across)
    height = leading * len(lines) + 2 * down
    large = Image.new("L", (width * _SMOOTH, height * _SMOOTH), 0)
    radius = round(down * 1.1) * _SMOOTH
    ImageDraw.Draw(large).rounded_rectangle((0, 0, *large.size), radius, fill=panel[3])
    picture = Image.new("RGBA", (width, height), (*panel[:3], 0))
    picture.putalpha(large.resize((width, height), Image.Resampling.BOX))
    text = Image.new("RGBA", (width, height), (*ink[:3], 0))
    draw = ImageDraw.Draw(text)
    for number, (line, length) in enumerate(zip(lines, lengths, strict=True)):
        left = (width - length) / 2 if centred else across
        draw.text((left, down + number * leading), line, font=font, fill=ink)
    return Image.alpha_composite(picture, text)


def _padding(font: ImageFont.FreeTypeFont) -> tuple[int, int]:
    """Space left and right, above and below, in pixels."""
    return round(font.size * 0.55), round(font.size * 0.22)


def _balanced(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    """Each sentence in as few lines as ``room`` pixels allow, all of about the same length."""
    lines: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        narrow, fewest = room, _wrapped(sentence, font, room)
        while len(narrower := _wrapped(sentence, font, narrow * 0.97)) == len(fewest):
            if max(map(font.getlength, narrower)) > narrow * 0.97:  # a single long word
                break
            narrow, fewest = narrow * 0.97, narrower
        lines += fewest
    return lines


def _wrapped(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    """Lines of at most ``room`` pixels; a longer word has a line to itself."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache
def _font(weight: str, size_px: float) -> ImageFont.FreeTypeFont:
    data = (_FOLDER / f"SourceSansPro-{weight}.otf").read_bytes()
    return ImageFont.truetype(BytesIO(data), size_px)

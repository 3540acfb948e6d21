"""The mouth's code, and which shape each sound of speech gives it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from studio.portrait.parameters import Frame, Mouth

CODE = ("jaw", "wide", "round", "press", "upper", "tuck", "tongue", "smile")
"""What the numbers of a code are, each 0 to 1: the renderer's `Mouth`, and the share that speech
leaves of her smile."""

JAW, WIDE, ROUND, PRESS, UPPER, TUCK, TONGUE, SMILE = range(len(CODE))

Code = NDArray[np.float32]
"""Shape (8,), or (n, 8) for n moments."""

REST = "rest"
SEAL, LIP_TO_TEETH = "PP", "FF"
"""The two sounds that are wrong at a glance when the mouth misses them."""


def _shape(**values: float) -> Code:
    return np.array([values.get(name, 0.0) for name in CODE], dtype=np.float32)


# Smaller than the portrait's visemes, which are held for a camera: people speak with less.
SHAPES = MappingProxyType(
    {
        REST: _shape(smile=1.0),
        SEAL: _shape(press=1.0, smile=0.70),
        LIP_TO_TEETH: _shape(tuck=1.0, jaw=0.12, upper=0.25, smile=0.60),
        "AA": _shape(jaw=0.85, smile=0.55),
        "AE": _shape(jaw=0.68, wide=0.35, upper=0.15, smile=0.55),
        "AH": _shape(jaw=0.46, wide=0.10, smile=0.65),
        "AX": _shape(jaw=0.28, wide=0.12, upper=0.08, smile=0.70),
        "EH": _shape(jaw=0.50, wide=0.45, upper=0.25, smile=0.65),
        "IH": _shape(jaw=0.27, wide=0.55, upper=0.28, smile=0.70),
        "EE": _shape(jaw=0.20, wide=0.85, upper=0.40, smile=0.80),
        "AO": _shape(jaw=0.65, round=0.50, smile=0.40),
        "OH": _shape(jaw=0.50, round=0.75, smile=0.30),
        "UH": _shape(jaw=0.22, round=0.62, smile=0.40),
        "OO": _shape(jaw=0.14, round=0.90, smile=0.20),
        "ER": _shape(jaw=0.24, round=0.38, upper=0.12, smile=0.50),
        "TH": _shape(jaw=0.24, tongue=1.0, wide=0.10, upper=0.20, smile=0.60),
        "LL": _shape(jaw=0.30, tongue=0.80, wide=0.10, upper=0.15, smile=0.65),
        "TT": _shape(jaw=0.16, tongue=0.50, wide=0.25, upper=0.25, smile=0.70),
        "SS": _shape(jaw=0.06, wide=0.50, upper=0.55, smile=0.70),
        "SH": _shape(jaw=0.10, round=0.55, upper=0.50, smile=0.45),
        "KK": _shape(jaw=0.24, wide=0.12, upper=0.12, smile=0.70),
        "HH": _shape(jaw=0.30, wide=0.10, upper=0.10, smile=0.65),
        "YY": _shape(jaw=0.18, wide=0.70, upper=0.30, smile=0.75),
    }
)
"""Where the mouth is headed during a sound; it seldom arrives."""

DOMINANCE = MappingProxyType(
    {
        SEAL: 4.0, LIP_TO_TEETH: 3.0, "AA": 1.3, "AE": 1.3, "AX": 0.5, "EH": 1.2, "IH": 0.9,
        "EE": 1.2, "AO": 1.3, "OH": 1.3, "OO": 1.5, "ER": 0.9, "TH": 1.3, "LL": 0.8, "TT": 0.45,
        "SS": 1.2, "SH": 1.4, "KK": 0.35, "HH": 0.15, "YY": 0.8,
    }
)  # fmt: skip
"""How much a sound insists on its shape against its neighbours; 1 where nothing is said."""

_IPA = {
    SEAL: "p b m", LIP_TO_TEETH: "f v ɱ", "AA": "ɑ a ɐ", "AE": "æ", "AH": "ʌ", "AX": "ə ᵊ ɨ ᵻ",
    "EH": "ɛ e", "IH": "ɪ", "EE": "i y", "AO": "ɔ ɒ", "OH": "o", "UH": "ʊ ɵ", "OO": "u w ʍ",
    "ER": "ɝ ɚ ɹ ɜ r", "TH": "θ ð", "LL": "l ɫ", "TT": "t d n ɾ ʔ", "SS": "s z", "SH": "ʃ ʒ",
    "KK": "k g ɡ ŋ x", "HH": "h", "YY": "j",
}  # fmt: skip
_ARPABET = {
    SEAL: "p b m", LIP_TO_TEETH: "f v", "AA": "aa", "AE": "ae", "AH": "ah", "AX": "ax", "EH": "eh",
    "IH": "ih ix", "EE": "iy", "AO": "ao", "UH": "uh", "OO": "uw w", "ER": "er axr r",
    "TH": "th dh", "LL": "l el", "TT": "t d n en dx", "SS": "s z", "SH": "sh zh ch jh",
    "KK": "k g ng", "HH": "hh hv h", "YY": "y", REST: "pau sil h# brth",
}  # fmt: skip
# Italian, Czech, Finnish and Catalan as Festival spells them, without marks of stress and length.
_LETTERS = {
    SEAL: "p b m", LIP_TO_TEETH: "f v nf", "AA": "a", "EH": "e E", "EE": "i y", "OH": "o",
    "AO": "O", "OO": "u w", "AX": "ax", "TT": "t d n D t~ d~ n~", "SS": "s z ts dz c",
    "LL": "l L", "ER": "r rr R", "KK": "k g N G ng n* ch x", "YY": "j J", "HH": "h",
    "SH": "S Z tS dZ", REST: "# _ pau",
}  # fmt: skip
_DIPHTHONGS = {"ay": ("AA", "IH"), "aw": ("AA", "UH"), "ey": ("EH", "EE"), "ow": ("OH", "OO"),
               "oy": ("AO", "IH")}  # fmt: skip
_FIRST_PART = 0.55  # of a diphthong's time
_PAUSES = frozenset("^$_.,!?;:-—… ")


def _by_name(groups: dict[str, str]) -> dict[str, str]:
    return {name: shape for shape, names in groups.items() for name in names.split()}


_OF_IPA, _OF_ARPABET, _OF_LETTER = map(_by_name, (_IPA, _ARPABET, _LETTERS))

Sound = tuple[str, float, float]
"""Name of a shape (or, before translation, of a phoneme), start and end in seconds."""


def from_ipa(phonemes: list[Sound]) -> list[Sound]:
    """Shapes of espeak-ng's and Piper's phonemes.

    Marks of stress, length and nasality prolong the sound before them; an affricate is its second
    half, which is what the lips show.
    """
    shapes: list[Sound] = []
    for name, start_s, end_s in phonemes:
        if end_s <= start_s:
            continue
        known = [_OF_IPA[letter] for letter in name if letter in _OF_IPA]
        if not known and not set(name) <= _PAUSES and shapes:
            shapes[-1] = (shapes[-1][0], shapes[-1][1], end_s)
            continue
        if len(known) > 1 and known[0] == "TT":
            known = known[1:]
        known = known or [REST]
        each_s = (end_s - start_s) / len(known)
        shapes += [
            (shape, start_s + index * each_s, start_s + (index + 1) * each_s)
            for index, shape in enumerate(known)
        ]
    return shapes


def from_arpabet(phonemes: list[Sound]) -> list[Sound]:
    """Shapes of Flite's and Festival's American phonemes; unknown ones raise ``KeyError``."""
    shapes: list[Sound] = []
    for name, start_s, end_s in phonemes:
        if name in _DIPHTHONGS:
            first, second = _DIPHTHONGS[name]
            turn_s = start_s + _FIRST_PART * (end_s - start_s)
            shapes += [(first, start_s, turn_s), (second, turn_s, end_s)]
        else:
            shapes.append((_OF_ARPABET[name], start_s, end_s))
    return shapes


def from_letters(phonemes: list[Sound]) -> list[Sound]:
    """Shapes of the other languages' phonemes; unknown ones raise ``KeyError``."""
    return [(_OF_LETTER[name.rstrip("1:")], start_s, end_s) for name, start_s, end_s in phonemes]


def pose(frame: Frame, code: Code) -> Frame:
    """A frame of a loop with the mouth that a code tells, and the share of the smile it leaves."""
    values = [float(value) for value in np.clip(code, 0.0, 1.0)]
    mouth = Mouth(**dict(zip(CODE[:SMILE], values[:SMILE], strict=True)))
    face = replace(frame.face, smile=frame.face.smile * values[SMILE])
    return replace(frame, mouth=mouth, face=face)

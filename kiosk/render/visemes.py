"""What the mouth shows, for heads that others animate: phonemes with their visemes, on a time line.

The set is the one most avatars carry as blend shapes (Oculus Lipsync; it follows MPEG-4's fourteen
visemes and adds silence): sil PP FF TH DD kk CH SS nn RR aa E I O U.

Sources: Oculus Lipsync viseme reference; ISO/IEC 14496-2, table C-1.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from kiosk.tts import PhonemeTiming

SILENCE = "sil"
VISEME_SET = "oculus-15"
FORMAT = 1
_DIGITS = 4  # a tenth of a millisecond

_SOUNDS = {
    "PP": "p b m ɓ β",
    "FF": "f v ɱ ʋ",
    "TH": "θ ð",
    "DD": "t d ʈ ɖ ʔ",
    "kk": "k ɡ g x ɣ q ɢ χ ʁ h ħ ɦ ŋ",
    "CH": "ʃ ʒ ɕ ʑ ʂ ʐ ç ʧ ʤ",
    "SS": "s z ʦ ʣ",
    "nn": "n l ɲ ɫ ɬ ʎ ɭ ɳ",
    "RR": "r ɹ ɾ ɻ ʀ ɽ ɚ ɝ",
    "aa": "a ɑ ɐ ʌ æ ɒ",
    "E": "e ɛ ə ɜ ɘ œ ø ɵ",
    "I": "i ɪ ɨ j ʝ y ʏ",
    "O": "o ɔ ɤ",
    "U": "u ʊ ʉ ɯ w ʍ ɥ",
}
VISEME_OF = {sound: viseme for viseme, sounds in _SOUNDS.items() for sound in sounds.split()}
VISEMES = (SILENCE, *_SOUNDS)

_BEFORE = "ˈˌ"  # stress is written before the sound it belongs to


class VisemeTiming(NamedTuple):
    """Attributes:
    phoneme: IPA as the voice gives it, with its marks; empty in silence.
    viseme: One of ``VISEMES``.
    start_s: Seconds from the beginning of the film.
    end_s: The next one's start.
    """

    phoneme: str
    viseme: str
    start_s: float
    end_s: float


@dataclass
class _Stretch:
    phoneme: str
    viseme: str
    start_s: float


def viseme_of(phoneme: str) -> str:
    """The viseme of an IPA symbol; an unknown vowel or consonant counts as a neutral ``E``."""
    if not _is_sound(phoneme):
        return SILENCE
    bare = unicodedata.normalize("NFD", phoneme.strip(_BEFORE))
    return VISEME_OF.get(phoneme) or VISEME_OF.get(bare[:1], "E")


def viseme_timeline(phonemes: Iterable[PhonemeTiming], duration_s: float) -> list[VisemeTiming]:
    """Cover a whole film, without gaps or overlaps.

    Stress marks go with the sound after them, length and other marks with the one before; pauses
    are silence.

    Args:
        phonemes: In order, seconds from the beginning of the film.
        duration_s: Length of the film.
    """
    stretches = [_Stretch("", SILENCE, 0.0)]
    stress = ""
    end_s = 0.0
    for phoneme, start_s, stop_s in phonemes:
        if start_s > end_s + 10**-_DIGITS:
            stretches.append(_Stretch("", SILENCE, end_s))
        end_s = max(end_s, stop_s)
        if phoneme in _BEFORE:
            stress += phoneme
        elif _is_sound(phoneme):
            stretches.append(_Stretch(stress + phoneme, viseme_of(phoneme), start_s))
            stress = ""
        elif unicodedata.category(phoneme[:1] or " ")[0] in "ML":  # length, nasality, ...
            if stretches[-1].phoneme:
                stretches[-1].phoneme += phoneme
        elif stop_s > start_s:
            stretches.append(_Stretch("", SILENCE, start_s))
    stretches.append(_Stretch("", SILENCE, end_s))
    return _timed(stretches, duration_s)


def _timed(stretches: Sequence[_Stretch], duration_s: float) -> list[VisemeTiming]:
    """Close the gaps: each stretch lasts until the next one; neighbouring silences are one."""
    starts = [round(min(stretch.start_s, duration_s), _DIGITS) for stretch in stretches]
    edges = pairwise([*starts, round(duration_s, _DIGITS)])
    timeline: list[VisemeTiming] = []
    for stretch, (start_s, end_s) in zip(stretches, edges, strict=True):
        if end_s <= start_s:
            continue
        if timeline and timeline[-1].viseme == stretch.viseme == SILENCE:
            timeline[-1] = timeline[-1]._replace(end_s=end_s)
        else:
            timeline.append(VisemeTiming(stretch.phoneme, stretch.viseme, start_s, end_s))
    return timeline


def viseme_record(
    timeline: Sequence[VisemeTiming], *, duration_s: float, fps: int, voice: str
) -> dict[str, Any]:
    """The JSON object of `kiosk render --visemes`."""
    return {
        "format": FORMAT,
        "viseme_set": VISEME_SET,
        "voice": voice,
        "fps": fps,
        "duration_s": round(duration_s, _DIGITS),
        "visemes": [timing._asdict() for timing in timeline],
    }


def _is_sound(phoneme: str) -> bool:
    """A vowel or consonant; no mark, pause, space."""
    return any(unicodedata.category(symbol) in ("Ll", "Lo", "Lu") for symbol in phoneme)

"""The sounds the built-in model knows, and their numbers.

Words are spelled in ARPAbet without stress, as in CMU's dictionary. Kaldi needs to see where a
word begins and ends, so each sound exists in four positions: B(egin), I(nternal), E(nd), S(ingle).
"""

from __future__ import annotations

from collections.abc import Sequence

_ARPABET = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW "
    "V W Y Z ZH"
)
ARPABET = tuple(_ARPABET.split())
SILENCE = "SIL"
UNKNOWN_SPEECH = "UNK"
"""Stands for the sounds of a word that is not in the vocabulary, whatever they are."""

POSITIONS = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}
PHONES = (SILENCE, *(f"{p}_{at}" for p in ARPABET for at in POSITIONS), UNKNOWN_SPEECH)
PHONE_ID = {name: number for number, name in enumerate(PHONES, start=1)}
SILENCE_ID = PHONE_ID[SILENCE]
UNKNOWN_SPEECH_ID = PHONE_ID[UNKNOWN_SPEECH]


def base_phone(phone_id: int) -> str:
    """Sound without its position; silence for 0 ("nothing beside it") and for unknown speech."""
    if phone_id in (0, UNKNOWN_SPEECH_ID):
        return SILENCE
    return PHONES[phone_id - 1].split("_")[0]


def position(phone_id: int) -> str:
    """B, I, E or S; silence counts as S."""
    return PHONES[phone_id - 1].partition("_")[2] or "S"


def word_phone_ids(pronunciation: Sequence[str]) -> list[int]:
    """Numbers of a word's sounds in their positions; ``pronunciation`` is not empty."""
    if tuple(pronunciation) == (UNKNOWN_SPEECH,):
        return [UNKNOWN_SPEECH_ID]
    if len(pronunciation) == 1:
        return [PHONE_ID[f"{pronunciation[0]}_S"]]
    inner = [f"{phone}_I" for phone in pronunciation[1:-1]]
    names = [f"{pronunciation[0]}_B", *inner, f"{pronunciation[-1]}_E"]
    return [PHONE_ID[name] for name in names]


def word_boundary_lines() -> list[str]:
    """Lines of Kaldi's ``word_boundary.int``, from which Vosk finds the times of words."""
    lines = [f"{SILENCE_ID} nonword"]
    lines += [f"{i} {POSITIONS[position(i)]}" for i in PHONE_ID.values() if i != SILENCE_ID]
    return lines

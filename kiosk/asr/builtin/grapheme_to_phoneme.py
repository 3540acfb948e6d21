"""How a word sounds that no dictionary has: espeak-ng's rules, written in ARPAbet.

espeak-ng comes inside the piper package and answers in the International Phonetic Alphabet (IPA).
Its voice is a setting of the whole process, so this is for building models, not for run time.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from piper.phonemize_espeak import EspeakPhonemizer

Pronunciation = tuple[str, ...]

ESPEAK_VOICE = "en-us"  # the acoustic model's accent

_IPA_TO_ARPABET = {
    # vowels, longest first where one begins another
    "aɪ": "AY",
    "aʊ": "AW",
    "eɪ": "EY",
    "oʊ": "OW",
    "əʊ": "OW",
    "ɔɪ": "OY",
    "ɔː": "AO",
    "oː": "AO",
    "ɜː": "ER",
    "a": "AA",
    "ɑ": "AA",
    "ɒ": "AA",
    "æ": "AE",
    "ʌ": "AH",
    "ə": "AH",
    "ɐ": "AH",
    "ɔ": "AO",
    "o": "OW",
    "e": "EH",
    "ɛ": "EH",
    "ɜ": "ER",
    "ɚ": "ER",
    "ɝ": "ER",
    "ø": "ER",
    "œ": "ER",
    "ɪ": "IH",
    "ᵻ": "IH",
    "ɨ": "IH",
    "iː": "IY",
    "i": "IY",
    "ʊ": "UH",
    "uː": "UW",
    "u": "UW",
    "y": "UW",
    # consonants
    "tʃ": "CH",
    "dʒ": "JH",
    "b": "B",
    "d": "D",
    "ð": "DH",
    "f": "F",
    "ɡ": "G",
    "g": "G",
    "ɣ": "G",
    "h": "HH",
    "ç": "HH",
    "k": "K",
    "x": "K",
    "q": "K",
    "l": "L",
    "ɫ": "L",
    "ɬ": "L",
    "m": "M",
    "n": "N",
    "ɲ": "N Y",
    "ŋ": "NG",
    "p": "P",
    "ɹ": "R",
    "r": "R",
    "ʁ": "R",
    "s": "S",
    "ʃ": "SH",
    "t": "T",
    "ɾ": "T",
    "θ": "TH",
    "v": "V",
    "β": "V",
    "ʋ": "V",
    "w": "W",
    "j": "Y",
    "z": "Z",
    "ʒ": "ZH",
    # shapes without a sound of their own
    "ʔ": "",
    "ː": "",
    "ˈ": "",
    "ˌ": "",
}
_LONGEST_IPA = max(map(len, _IPA_TO_ARPABET))
_NASAL = "\N{COMBINING TILDE}"
_SYLLABIC = "\N{COMBINING VERTICAL LINE BELOW}"


def pronounce(spelling: str) -> Pronunciation | None:
    """Sounds of a word or of a respelling such as ``pleesio-sorus``; None if it has none."""
    sentences = _phonemizer().phonemize(ESPEAK_VOICE, spelling.lower())
    ipa = "".join(symbol for sentence in sentences for symbol in sentence)
    return arpabet(ipa)


def arpabet(ipa: str) -> Pronunciation | None:
    """IPA in ARPAbet without stress; None if a symbol is unknown or nothing is left.

    Nasal vowels become vowel and N, syllabic consonants get a schwa, other marks are dropped.
    """
    # Marks are taken apart from their letters, but c with cedilla is a letter of its own.
    symbols = unicodedata.normalize("NFD", ipa).replace("c\N{COMBINING CEDILLA}", "ç")
    phones: list[str] = []
    at = 0
    while at < len(symbols):
        if symbols[at] == _NASAL:
            phones.append("N")
        elif symbols[at] == _SYLLABIC and phones:
            phones.insert(len(phones) - 1, "AH")
        for length in range(_LONGEST_IPA, 0, -1):
            sound = _IPA_TO_ARPABET.get(symbols[at : at + length])
            if sound is not None:
                phones += sound.split()
                at += length
                break
        else:
            if unicodedata.category(symbols[at]) in ("Ll", "Lu", "Lo"):
                return None
            at += 1  # a modifier, a space or punctuation
    return tuple(_merge_repeats(phones)) or None


def _merge_repeats(phones: Sequence[str]) -> list[str]:
    """espeak-ng doubles a sound at the seam of two parts; speakers do not."""
    return [p for i, p in enumerate(phones) if i == 0 or p != phones[i - 1]]


@cache
def _phonemizer() -> EspeakPhonemizer:
    # Imported on first need: loading it takes longer than the whole rest of a build from cache.
    from piper.phonemize_espeak import EspeakPhonemizer

    return EspeakPhonemizer()

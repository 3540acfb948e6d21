"""How the teacher shall say a name: as espeak-ng does.

The teacher guesses words that are not in its dictionary, and often differently. A name that is said
in two ways teaches nothing, so the teacher's dictionary gets every such word with espeak-ng's
phonemes.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from studio.voice.align import FIRST_SHARE, MODIFIERS, PHONES, SPLIT, VOWELS, align

AGREES = 0.16
"""Largest alignment cost a phone at which two pronunciations are taken for the same."""

_ENTRY = re.compile(r'^\("([a-z]+)" \S+ \((.*)\)\)$')
_HEAD = re.compile(r'^\("([a-z]+)"')
_PHONE = re.compile(r"[a-z]+")
_LETTERS = re.compile(r"(?<![a-z'])[a-z]+(?![a-z'])")
_STRESS = {"ˈ": 1, "ˌ": 2}


class Phonemizer:
    """espeak-ng, as Piper uses it."""

    def __init__(self) -> None:
        from piper.phonemize_espeak import EspeakPhonemizer

        self._espeak: Any = EspeakPhonemizer()

    def sentences(self, text: str) -> list[list[str]]:
        """The phonemes of each sentence that espeak-ng finds in a text."""
        found: list[list[str]] = self._espeak.phonemize("en-us", text)
        return found


def phones_of(symbols: Iterable[str]) -> list[str]:
    """The teacher's phones for espeak-ng's symbols, vowels with their stress: ``ih1``."""
    plain: list[tuple[str, int]] = []
    stress = 0
    for symbol in symbols:
        if symbol in _STRESS:
            stress = _STRESS[symbol]
        elif symbol in PHONES:
            plain.append((symbol, stress if symbol in VOWELS else 0))
            if symbol in VOWELS:
                stress = 0
    phones: list[str] = []
    index = 0
    while index < len(plain):
        symbol, stress = plain[index]
        pair = (symbol, plain[index + 1][0]) if index + 1 < len(plain) else ("", "")
        phone = SPLIT.get(pair, "")
        if phone in FIRST_SHARE:
            index += 2
        else:
            phone = PHONES[symbol][0]
            index += 1
        with_stress = f"{phone}{1 if stress else 0}" if symbol in VOWELS else phone
        if phones[-1:] != [with_stress]:  # espeak-ng's ɹɹ in "curious" is one sound
            phones.append(with_stress)
    return phones


def dictionary_words(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Words of three to twelve letters with their phones, from the teacher's dictionary."""
    for line in lines:
        if (found := _ENTRY.match(line.strip())) and 3 <= len(found[1]) <= 12:
            yield found[1], _PHONE.findall(found[2])


def agrees(symbols: Iterable[str], phones: list[str]) -> bool:
    """Whether espeak-ng and the teacher say a word alike."""
    spoken = [symbol for symbol in symbols if symbol in PHONES or symbol in MODIFIERS]
    return align(spoken, phones).cost <= AGREES * len(phones)


def common_words(
    dictionary: Iterable[str],
    phonemizer: Phonemizer,
    *,
    seed: int,
    candidates: int,
    report: Callable[[float, float], None],
) -> list[str]:
    """Words of the teacher's dictionary that espeak-ng says alike.

    Args:
        dictionary: Its lines.
        phonemizer: espeak-ng.
        seed: Which words are tried.
        candidates: How many are tried.
        report: Shows progress.
    """
    entries = sorted(dictionary_words(dictionary))
    random.Random(seed).shuffle(entries)
    words = []
    for done, (word, phones) in enumerate(entries[:candidates]):
        said = phonemizer.sentences(word)
        if len(said) == 1 and agrees(said[0], phones):
            words.append(word)
        report(done + 1, candidates)
    return words


def names_to_learn(
    words: Iterable[str], dictionary: Iterable[str], phonemizer: Phonemizer
) -> dict[str, list[str]]:
    """Words that the teacher does not know, or says in another way: to their phones with stress.

    Words of fewer than four letters, and those that are said in two ways ("I read"), stay as the
    teacher says them: they change with the sentence.
    """
    lines = list(dictionary)
    known = dict(dictionary_words(lines))
    entries = Counter(found[1] for line in lines if (found := _HEAD.match(line)))
    learnt = {}
    for word in sorted(set(_LETTERS.findall(" ".join(words).lower()))):
        said = phonemizer.sentences(word)
        if len(word) < 4 or len(said) != 1 or entries[word] > 1:
            continue
        if word not in known or not agrees(said[0], known[word]):
            learnt[word] = phones_of(said[0])
    return learnt

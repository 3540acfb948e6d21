"""What the voices read."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from studio.voice.corpus import Templates, draw

_WORDS = (
    "pumpkin bubble moth wave beige youth vapour thumb shore bishop mammal fossil beach "
    "monster cliff hammer village museum rabbit bamboo poem voyage whisper breath judge chalk "
    "bone vision pleasure father whale wool mumble shovel oyster cough thief garage window "
    "yellow balloon feather harvest apple umbrella thunder mouth lamp velvet wisdom jam bath "
    "ship oath"
)
WORDS = tuple(_WORDS.split())
"""For the templates' free places: few words, but every sound beside many others."""

_ONSETS = ["p", "b", "m", "f", "v", "t", "d", "n", "s", "l", "r", "k", "g"]
_VOWELS = ["a", "e", "i", "o", "u"]
_CODAS = ["n", "s", "r", "l"]
_OPEN_SHARE = 0.85  # of syllables end in their vowel


def english(count: int, seed: int) -> list[str]:
    """Different sentences, the same ones for the same seed."""
    return list(itertools.islice(draw(Templates.load(), WORDS, seed), count))


def made_up(count: int, seed: int) -> list[str]:
    """Lines of words that no language has, from letters that are read alike in Italian, Czech,
    Finnish and Catalan: those voices are human ones, and lips do not know what is meant."""
    return list(itertools.islice(_lines(random.Random(seed)), count))


def _lines(chance: random.Random) -> Iterator[str]:
    while True:
        words = [_word(chance) for _ in range(chance.randint(4, 9))]
        if len(words) > 6:
            words[3] += ","
        yield " ".join(words).capitalize() + "."


def _word(chance: random.Random) -> str:
    syllables = []
    for _ in range(chance.choice((1, 2, 2, 3, 3, 4))):
        coda = "" if chance.random() < _OPEN_SHARE else chance.choice(_CODAS)
        syllables.append(chance.choice(_ONSETS) + chance.choice(_VOWELS) + coda)
    # "k" and "g" sound different before e and i in Italian; lips hardly tell, and the names do.
    return "".join(syllables)

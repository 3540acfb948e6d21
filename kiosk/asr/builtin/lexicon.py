"""How each word of the vocabulary sounds.

A word's pronunciations come from, in this order: the persona's own respelling in plain letters, the
dictionary inside the pocketsphinx package (CMU's, 125,000 words), espeak-ng's rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.asr.builtin.grapheme_to_phoneme import Pronunciation, pronounce
from kiosk.asr.builtin.text import spoken_words

_VARIANT = re.compile(r"\(\d+\)$")  # "either(2)" is the second way to say "either"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Attributes:
    pronunciations: Word to its sounds, at least one way each.
    by_rule: Words that only espeak-ng's rules could pronounce.
    missing: Words that nothing could pronounce; they are not in ``pronunciations``.
    """

    pronunciations: dict[str, tuple[Pronunciation, ...]]
    by_rule: tuple[str, ...]
    missing: tuple[str, ...]


def read_dictionary(path: Path) -> dict[str, tuple[Pronunciation, ...]]:
    """Read a pronunciation dictionary in CMU's format: one word and its sounds a line."""
    ways: dict[str, tuple[Pronunciation, ...]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            spelling, *phones = line.split() or [""]
            if phones:
                word = _VARIANT.sub("", spelling)
                ways[word] = (*ways.get(word, ()), tuple(phones))
    return ways


def make_lexicon(
    words: Iterable[str],
    dictionary: Mapping[str, tuple[Pronunciation, ...]],
    respellings: Mapping[str, str],
) -> Lexicon:
    """Find pronunciations for ``words``.

    Args:
        words: Spoken words (see ``spoken_words``).
        dictionary: Word to sounds.
        respellings: Word, or name of several words, to plain letters with as many words; hyphens
            join syllables (``Lyme Regis`` to ``lime ree-jis``).
    """
    own, unused = _respelled(respellings)
    pronunciations: dict[str, tuple[Pronunciation, ...]] = {}
    by_rule = []
    missing = list(unused)
    for word in dict.fromkeys(words):
        ways = own.get(word, ()) + dictionary.get(word, ())
        if not ways:
            guess = pronounce(word)
            if guess is None:
                missing.append(word)
                continue
            by_rule.append(word)
            ways = (guess,)
        pronunciations[word] = tuple(dict.fromkeys(ways))
    return Lexicon(pronunciations, tuple(by_rule), tuple(dict.fromkeys(missing)))


def _respelled(
    respellings: Mapping[str, str],
) -> tuple[dict[str, tuple[Pronunciation, ...]], list[str]]:
    """Sounds of each respelled word, and the names whose respelling cannot be used."""
    own: dict[str, tuple[Pronunciation, ...]] = {}
    unused = []
    for name, letters in respellings.items():
        words, parts = spoken_words(name), letters.split()
        # A single word may be respelled in pieces: "Ichthyosaur" = "ick theo sore".
        if len(words) == 1:
            parts = [letters]
        elif len(words) != len(parts):
            parts = letters.replace("-", " ").split()  # "De la Beche" = "de-la-besh"
        sounds = [pronounce(part) for part in parts]
        if len(words) != len(parts) or None in sounds:
            unused.append(name)
            continue
        for word, sound in zip(words, sounds, strict=True):
            if sound is not None:
                own[word] = (*own.get(word, ()), sound)
    return own, unused

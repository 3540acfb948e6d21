"""What visitors may say: the common words of English, those of museums, and the ways to ask.

The common words come from the language model inside the pocketsphinx package, the most frequent
first; the two text files beside this module are the kiosk's own.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pocketsphinx

from kiosk.asr.builtin.sphinx_model import LOG_BASE
from kiosk.asr.builtin.text import spoken_words
from kiosk.errors import ModelBroken

_HERE = Path(__file__).parent
_SLOT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
NAMES = "name"
UNKNOWN_WORD = "[unk]"
"""Speech that is in no word of the vocabulary; official Vosk models call it so too."""
# Common in conversation, but a museum's screen must not show them for something misheard.
_OBSCENE = (
    "fuck fucks fucked fucking fucker shit shits shitty bullshit ass asshole assholes bitch "
    "bitches dick dicks cock cunt pussy cum porn whore slut bastard bastards piss pissed crap damn "
    "damned goddamn tits boobs penis vagina nigger niggers nigga fag faggot motherfucker sucks"
)
OBSCENE = frozenset(_OBSCENE.split())
# Below these a pair of words is left to the words' own frequencies; it would only swell the graph.
LEAST_PROBABILITY = 0.003
LEAST_GAIN = 3.0


@dataclass(frozen=True, slots=True)
class Template:
    """One pattern and all the sentences it makes."""

    pattern: str
    sentences: tuple[tuple[str, ...], ...]


class GeneralEnglish:
    """The three-word language model of conversation and news inside the pocketsphinx package."""

    def __init__(self) -> None:
        """Read it.

        Raises:
            ModelBroken: The file is missing or damaged.
        """
        pocketsphinx.set_loglevel("FATAL")
        path = pocketsphinx.get_model_path("en-us/en-us.lm.bin")
        try:
            self._model = pocketsphinx.NGramModel.readfile(path)
        except ValueError as error:
            raise ModelBroken(
                "The language model inside the pocketsphinx package cannot be read.",
                where=Path(path),
                remedy="Install the kiosk again.",
            ) from error
        self._absent = self._model.prob(["<not a word>"])

    def frequencies(self, words: Iterable[str]) -> dict[str, float]:
        """Probability of each word, most frequent first; words it does not know are left out."""
        scores = {word: self._model.prob([word]) for word in words if _WORD.fullmatch(word)}
        known = (word for word, score in scores.items() if score > self._absent)
        ordered = sorted(known, key=lambda word: (-scores[word], word))
        return {word: LOG_BASE ** scores[word] for word in ordered}

    def following(self, history: Sequence[str], words: Mapping[str, float]) -> dict[str, float]:
        """Words that the history makes much likelier than they are anyhow, with probabilities.

        Args:
            history: The words before, in the order spoken.
            words: Candidates and their probability regardless of history.
        """
        context = list(reversed(history))  # pocketsphinx wants the newest word first
        prob = self._model.prob
        likely = {}
        for word, anyhow in words.items():
            probability = LOG_BASE ** prob([word, *context])
            if probability > max(LEAST_PROBABILITY, LEAST_GAIN * anyhow):
                likely[word] = probability
        return likely


def museum_words() -> tuple[str, ...]:
    lines = _content_lines(_HERE / "vocabulary_en.txt")
    return tuple(dict.fromkeys(word for line in lines for word in line.split()))


def question_templates(names: Sequence[str]) -> Iterator[Template]:
    """Every pattern with its slots filled; ``names`` fill the slot of that name.

    A name may be ``UNKNOWN_WORD``: visitors ask about what no vocabulary holds. A pattern with a
    slot that has no phrases makes no sentences and is left out.
    """
    slots: dict[str, tuple[str, ...]] = {NAMES: tuple(names)}
    for line in _content_lines(_HERE / "templates_en.txt"):
        slot, colon, phrases = line.partition(":")
        if colon:
            slots[slot] = tuple(dict.fromkeys(phrase.strip() for phrase in phrases.split("|")))
        elif sentences := tuple(_filled(line, slots)):
            yield Template(line, sentences)


def _filled(pattern: str, slots: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    parts = _SLOT.split(pattern)  # text, slot, text, slot, ..., text
    choices = [slots[part] if i % 2 else (part,) for i, part in enumerate(parts)]
    for choice in itertools.product(*choices):
        yield tuple(word for part in choice for word in _words_of(part))


def _words_of(part: str) -> tuple[str, ...]:
    return (UNKNOWN_WORD,) if part == UNKNOWN_WORD else spoken_words(part)


def _content_lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]

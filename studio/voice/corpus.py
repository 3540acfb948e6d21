"""Sentences for the teacher to read, and those that nobody may learn from.

Three sets, written as plain text, one sentence a line: ``train``; ``check``, on which the training
chooses its best state; ``measured``, on which a recogniser judges the finished voice. The persona's
own answers are in the last one only.
"""

from __future__ import annotations

import itertools
import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.asr.builtin.text import spoken_words
from kiosk.errors import BadInput

TEMPLATES = Path(__file__).with_name("corpus.toml")
SETS = ("train", "check", "measured")
_SLOT = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[“A-Z])")
_SOUNDS_LIKE_CONSONANT = re.compile(r"(?:uni|use|usu|eu|one|once)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Templates:
    """What ``corpus.toml`` holds.

    Attributes:
        share: Group of templates to its share of the corpus; the shares add up to 1.
        templates: Group to its sentences with slots.
        lists: Slot to what may stand in it.
    """

    share: Mapping[str, float]
    templates: Mapping[str, Sequence[str]]
    lists: Mapping[str, Sequence[str]]

    @classmethod
    def load(cls, path: Path = TEMPLATES) -> Templates:
        """Read the file; slots without a list are a mistake in it and raise ``KeyError``."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        lists = {slot: tuple(items.split("|")) for slot, items in table["lists"].items()}
        sentences = itertools.chain.from_iterable(table["templates"].values())
        used = {
            slot for text in (*sentences, *table["lists"].values()) for slot in _SLOT.findall(text)
        }
        if unknown := used - lists.keys() - {"word"}:
            raise KeyError(f"{path.name}: no list for {', '.join(sorted(unknown))}")
        return cls(table["share"], table["templates"], lists)

    def names(self) -> frozenset[str]:
        """Every single word that may stand in a slot."""
        items = itertools.chain.from_iterable(self.lists.values())
        return frozenset(re.findall(r"[A-Za-z'-]+", " ".join(items).replace("{", " ")))


def draw(templates: Templates, words: Sequence[str], seed: int) -> Iterator[str]:
    """Sentences without end and without repetition, the same ones for the same seed.

    Args:
        templates: Where they come from.
        words: What stands in ``{word}``.
        seed: Chooses among all possible corpora.
    """
    chance = random.Random(seed)
    lists = {**templates.lists, "word": words}
    groups, shares = zip(*templates.share.items(), strict=True)
    seen: set[tuple[str, ...]] = set()
    while True:
        group = chance.choices(groups, shares)[0]
        text = chance.choice(templates.templates[group])
        while _SLOT.search(text):
            text = _SLOT.sub(lambda slot: chance.choice(lists[slot[1]]), text)
        text = _with_article(text)
        key = spoken_words(text)
        if key not in seen:
            seen.add(key)
            yield text[0].upper() + text[1:]


def write_corpus(
    folder: Path,
    words: Sequence[str],
    answers: Sequence[str],
    *,
    counts: Mapping[str, int],
    seed: int,
    report: Callable[[float, float], None],
) -> None:
    """Write the three sets to ``folder``.

    Args:
        folder: Where to; ``train.txt``, ``check.txt`` and ``measured.txt`` are replaced.
        words: Words for ``{word}``.
        answers: The persona's answers, as spoken: in the measured set, kept out of the others.
        counts: Set to how many drawn sentences it gets.
        seed: See :func:`draw`.
        report: Shows progress.
    """
    own = [sentence for answer in answers for sentence in sentences_of(answer)]
    kept_out = {spoken_words(sentence) for sentence in own}
    drawn = (
        text for text in draw(Templates.load(), words, seed) if spoken_words(text) not in kept_out
    )
    total = sum(counts.values())
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    for name in SETS:
        lines = []
        for text in itertools.islice(drawn, counts[name]):
            lines.append(text)
            done += 1
            report(done, total)
        if name == "measured":
            lines += dict.fromkeys(own)
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_set(folder: Path, name: str) -> list[str]:
    """The sentences of one set, in order.

    Raises:
        BadInput: They have not been written.
    """
    path = folder / f"{name}.txt"
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BadInput(
            "There are no sentences yet.", where=path, remedy="Run `corpus` first."
        ) from error


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, one after the other."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def _with_article(text: str) -> str:
    """``a`` before a vowel is ``an``."""

    def article(found: re.Match[str]) -> str:
        plain = _SOUNDS_LIKE_CONSONANT.match(found[2]) is not None
        return f"{found[1]} {found[2]}" if plain else f"{found[1]}n {found[2]}"

    return re.sub(r"\b([Aa]) (?=[aeiouAEIOU])(\w+)", article, text)

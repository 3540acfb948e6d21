"""Questions that mean the same, together, with the answer that is nearest to them.

Average-linkage clustering on the cosine of sentence vectors: two groups join while the mean
likeness between their questions is over a threshold. (Source: Sokal and Michener 1958, UPGMA.)
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kiosk.review.blanking import has_blanks, without_blanks
from kiosk.review.store import Kept

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]

LIKENESS = 0.62
MOST_TEXTS = 1200  # different ones; the rarest beyond are left out, or grouping takes minutes


@dataclass(frozen=True, slots=True)
class Nearest:
    """The existing answer that comes closest.

    Attributes:
        answer_id: Its id.
        phrasing: Its phrasing that is nearest to the question.
        likeness: Cosine, at most 1.
    """

    answer_id: str
    phrasing: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that mean about the same.

    Attributes:
        group_id: Short name; the same as long as its leading question is the same.
        question: The leading question: the most frequent one, else the most typical.
        count: Times that it was asked, all wordings together.
        wordings: Every wording with its count, most frequent first; case and punctuation aside.
        texts: All texts as they are in the store.
        why: Reason to times.
        last_day: When it was last asked.
        nearest: The nearest existing answer; None if there is none.
    """

    group_id: str
    question: str
    count: int
    wordings: tuple[tuple[str, int], ...]
    texts: frozenset[str]
    why: Mapping[str, int]
    last_day: date
    nearest: Nearest | None

    @property
    def phrasings(self) -> tuple[str, ...]:
        """Wordings fit for persona.toml: those from which nothing was taken out."""
        return tuple(text for text, _ in self.wordings if not has_blanks(text))


class Phrasings:
    """Aim: the nearest existing answer of a text."""

    def __init__(self, asks: Mapping[str, Sequence[str]], embed_known: Embed, embed: Embed) -> None:
        """Embed all phrasings.

        Args:
            asks: Answer id to its phrasings, as written.
            embed_known: Phrasings, in plain small letters, to unit vectors.
            embed: Other texts to unit vectors.
        """
        self._embed = embed
        self._owners = [(answer, ask) for answer, phrasings in asks.items() for ask in phrasings]
        plain = [_plain(ask) for _, ask in self._owners]
        self._vectors = embed_known(plain) if plain else None

    def nearest(self, text: str) -> Nearest | None:
        """The nearest answer; None without any."""
        if self._vectors is None:
            return None
        likeness = self._vectors @ self._embed([text])[0]
        best = int(np.argmax(likeness))
        answer_id, phrasing = self._owners[best]
        return Nearest(answer_id, phrasing, round(float(likeness[best]), 3))


def group_questions(
    questions: Sequence[Kept], embed: Embed, phrasings: Phrasings, *, likeness: float = LIKENESS
) -> tuple[Group, ...]:
    """Aim: what visitors want to know and are not told, most wanted first.

    Args:
        questions: From the store.
        embed: Texts to unit vectors.
        phrasings: The existing answers.
        likeness: Mean cosine from which questions are one group.
    """
    by_text: dict[str, list[Kept]] = {}
    for kept in questions:
        by_text.setdefault(_plain(kept.question), []).append(kept)
    texts = sorted(by_text, key=lambda text: (-len(by_text[text]), text))[:MOST_TEXTS]
    if not texts:
        return ()
    vectors = embed(texts)
    groups = [
        _group([by_text[texts[i]] for i in members], vectors[members], texts, members, phrasings)
        for members in clusters(vectors, likeness)
    ]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.question)))


def clusters(vectors: Vectors, likeness: float) -> list[list[int]]:
    """Rows of unit vectors, shape (n, width), in groups of indices by average linkage."""
    count = len(vectors)
    members = {i: [i] for i in range(count)}
    alike = (vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(alike, -np.inf)
    while len(members) > 1:
        one, other = divmod(int(np.argmax(alike)), count)
        if alike[one, other] < likeness:
            break
        sizes = len(members[one]), len(members[other])
        joined = (sizes[0] * alike[one] + sizes[1] * alike[other]) / sum(sizes)
        joined[one] = -np.inf
        alike[one], alike[:, one] = joined, joined
        alike[other], alike[:, other] = -np.inf, -np.inf
        members[one] += members.pop(other)
    return [sorted(group) for group in members.values()]


def _group(
    entries: Sequence[Sequence[Kept]],
    vectors: Vectors,
    texts: Sequence[str],
    members: Sequence[int],
    phrasings: Phrasings,
) -> Group:
    # Of texts that differ only in what was taken out, the whole one: it can become a phrasing.
    shown = [min((k.question for k in same), key=has_blanks) for same in entries]
    typical = vectors @ vectors.sum(axis=0)
    lead = max(
        range(len(entries)),
        key=lambda i: (len(entries[i]), not has_blanks(shown[i]), float(typical[i])),
    )
    kept = [question for same in entries for question in same]
    wordings = Counter({text: len(same) for text, same in zip(shown, entries, strict=True)})
    name = hashlib.blake2b(texts[members[lead]].encode(), digest_size=3).hexdigest()
    return Group(
        group_id=name,
        question=shown[lead],
        count=len(kept),
        wordings=tuple(wordings.most_common()),
        texts=frozenset(k.question for k in kept),
        why=dict(Counter(str(k.why) for k in kept).most_common()),
        last_day=max(k.day for k in kept),
        nearest=phrasings.nearest(texts[members[lead]]),
    )


def _plain(question: str) -> str:
    """As it compares with others: no case, no punctuation, no placeholders."""
    letters = "".join(c if c.isalnum() or c in "'’" else " " for c in without_blanks(question))
    return " ".join(letters.casefold().split())

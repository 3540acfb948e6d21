"""The few texts of the persona file that bear on a question: what the language model may use.

Two views are joined, as in the matcher: meaning (cosine of sentence vectors) and the question's
rare words, by weight. Meaning alone loses names; words alone lose paraphrase.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from kiosk.answer.embedder import Embedder
from kiosk.answer.injection import gives_orders
from kiosk.answer.words import content_stems, normalise
from kiosk.persona.schema import Answer, Persona

log = logging.getLogger(__name__)

_FACTS = 4
_ANSWERS = 2
_WORDS_WEIGHT = 0.5  # of the share of rare words, beside the cosine
_FITS = 0.25


class Knowledge:
    """Aim: facts and prepared answers near a question, the nearest first."""

    def __init__(self, persona: Persona, embedder: Embedder) -> None:
        """Embed the facts; one that gives the model orders is left out, and staff are told."""
        self._embedder = embedder
        self._facts = tuple(fact for fact in persona.facts if not gives_orders(fact))
        for fact in persona.facts:
            if fact not in self._facts:
                log.warning("persona.toml: a fact that gives orders is not used: %s", fact)
        self._vectors = embedder.embed(self._facts, pin=True)
        self._stems = [frozenset(content_stems(normalise(fact))) for fact in self._facts]
        seen = Counter(stem for stems in self._stems for stem in stems)
        self._weights = {stem: math.log(1 + len(self._facts) / n) for stem, n in seen.items()}

    def fitting(self, question: str, related: Sequence[Answer]) -> tuple[str, ...]:
        """What is known that bears on a question.

        Prepared answers come first: what the model says may not contradict them.

        Args:
            question: As heard or typed.
            related: Prepared answers near the question, best first.
        """
        answers = [answer.say[0] for answer in related if not gives_orders(answer.say[0])]
        return tuple(dict.fromkeys((*answers[:_ANSWERS], *self._fitting_facts(question))))

    def _fitting_facts(self, question: str) -> list[str]:
        if not self._facts:
            return []
        score = self._vectors @ self._embedder.embed([question])[0]
        asked = {s: w for s in content_stems(normalise(question)) if (w := self._weights.get(s))}
        total = sum(asked.values())
        if total:
            shared = [sum(asked[s] for s in asked.keys() & stems) for stems in self._stems]
            score = score + _WORDS_WEIGHT * np.asarray(shared, np.float32) / np.float32(total)
        best = np.argsort(-score, kind="stable")[:_FACTS]
        return [self._facts[i] for i in best if score[i] >= _FITS]

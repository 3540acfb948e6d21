"""Fit the matcher's weights on the tune side of the question banks; writes kiosk/answer/weights.py.

Two models, both linear:

1. order: softmax over all answers, cross entropy of the right one (conditional logit), on the views
   of kiosk/answer/views.py;
2. confidence: logistic regression on the best answer's views and doubts (kiosk/answer/doubts.py).

Besides the banks' questions, three kinds of examples are made of the persona file, which weigh
less: phrasings asked with themselves and their like left out, examples of what nobody knows with
themselves and their like left out, and answerable questions with their answer taken away. The
banks' questions are also put to the persona with a few of its phrasings only, so that the weights
fit small files too. The measured side is never read.

    python -m scripts.fit_matcher [--check]

``--check`` writes nothing and prints the curve of the tune side, each question rated by weights
that were fitted without it and its fellows, and the threshold that follows: the most right answers
with at most 5 % wrong and 85 % of off-topic questions declined.
"""

from __future__ import annotations

import argparse
import random
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from kiosk import paths
from kiosk.answer.bank import load_bank
from kiosk.answer.curve import FINE_THRESHOLDS, Point, best_point, curve
from kiosk.answer.doubts import DOUBTS
from kiosk.answer.embedder import Embedder
from kiosk.answer.matcher import NOT_KNOWN_ID, Matcher, Readings
from kiosk.answer.measure import Case, Outcome, load_cases, unseen
from kiosk.answer.views import VIEWS, Sight
from kiosk.persona import load_persona
from kiosk.persona.schema import Persona
from scripts.fitting import Doubles, bounds, fit_logistic, minimised

ROOT = Path(__file__).parent.parent
WEIGHTS = ROOT / "kiosk/answer/weights.py"
BANKS = (ROOT / "tests/bank/mary-anning.toml", ROOT / "tests/bank/mary-anning-2.toml")
EARLIER = ROOT / "tests/answer/questions.toml"
EMBEDDER = "all-MiniLM-L6-v2-q8_0.gguf"
PHRASINGS = 900  # asked with themselves left out
PHRASING_WEIGHT, PHRASING_LIKE = 0.15, 0.88  # weight; cosine from which others are left out as well
NOT_KNOWN_WEIGHT, NOT_KNOWN_LIKE = 0.3, 0.8
TAKEN_AWAY_WEIGHT = 0.2
THINNED_WEIGHT, THINNED_PHRASINGS = 0.25, 6  # of each answer
WRONG_WEIGHT = 0.5  # share of its weight that a question counts whose right answer comes second
RANK_PENALTY = 0.5  # on the squares of the weights
RANK_SUM = 2.0  # of all rank weights: sets the scale of the margin
FOLDS = 8


@dataclass(frozen=True, slots=True)
class Example:
    """One question.

    Attributes:
        matcher: Of the persona it is put to.
        readings: Its normal forms.
        sight: How it looks beside all answers.
        right: Places of the answers that serve it; empty if none does.
        weight: In the fit.
        without: Rows of phrasings that were left out.
        case: Of a bank; None for one made of the persona file.
    """

    matcher: Matcher
    readings: Readings
    sight: Sight
    right: tuple[int, ...]
    weight: float
    without: tuple[int, ...] = ()
    case: Case | None = None

    def best(self, rank: Doubles, away: tuple[int, ...] = ()) -> tuple[int, Doubles]:
        """Place of the best answer, some taken away, and its views and doubts."""
        rating = self.sight.table @ rank
        rating[list(away)] = -np.inf
        best = int(rating.argmax())
        doubts = self.matcher.doubts(
            self.readings, self.sight, best, rating.astype(np.float32), self.without
        )
        return best, np.concatenate((self.sight.table[best], doubts)).astype(float)


@dataclass(frozen=True, slots=True)
class Weights:
    """Both models: order, and confidence with its constant last."""

    rank: Doubles
    confidence: Doubles


class Examples:
    """Aim: examples of one persona.

    Attributes:
        places: Of the answers, by id.
    """

    def __init__(self, persona: Persona, embedder: Embedder) -> None:
        self._matcher = Matcher(persona, embedder)
        self.places = {answer.id: place for place, answer in enumerate(self._matcher.answers)}

    def of_cases(self, cases: Iterable[Case], weight: float = 1.0) -> list[Example]:
        """Questions of a bank that lean on no question before."""
        examples = []
        for case in unseen(cases, self._matcher.answers):
            if not case.before:
                ids = [] if case.answer_id is None else [case.answer_id, *case.also]
                right = tuple(self.places[answer_id] for answer_id in ids)
                examples.append(self._example(case.question, right, weight, case=case))
        return examples

    def left_out(self) -> list[Example]:
        """The persona's own phrasings, asked as if they and their like did not stand there."""
        viewer, not_known = self._matcher.viewer, self.places.get(NOT_KNOWN_ID)
        asked = [row for row, of in enumerate(viewer.owner) if of != not_known]
        unknown = [row for row, of in enumerate(viewer.owner) if of == not_known]
        examples = []
        for row in random.Random(1).sample(asked, min(PHRASINGS, len(asked))):
            right = (int(viewer.owner[row]),)
            without = viewer.like(row, PHRASING_LIKE)
            examples.append(self._example(viewer.phrasings[row], right, PHRASING_WEIGHT, without))
        for row in unknown:
            without = viewer.like(row, NOT_KNOWN_LIKE)
            examples.append(self._example(viewer.phrasings[row], (), NOT_KNOWN_WEIGHT, without))
        return examples

    def _example(
        self,
        question: str,
        right: tuple[int, ...],
        weight: float,
        without: tuple[int, ...] = (),
        case: Case | None = None,
    ) -> Example:
        readings = self._matcher.readings(question)
        sight = self._matcher.viewer.see(readings.distinct(), readings.repaired, without=without)
        return Example(self._matcher, readings, sight, right, weight, without, case)


def thinned(persona: Persona) -> Persona:
    """The persona as a small file would be: few phrasings, no examples of what nobody knows."""
    some = random.Random(2)
    answers = tuple(
        answer.model_copy(
            update={"ask": tuple(some.sample(answer.ask, min(THINNED_PHRASINGS, len(answer.ask))))}
        )
        for answer in persona.answers
    )
    limits = persona.limits.model_copy(update={"not_known": ()})
    return persona.model_copy(update={"answers": answers, "limits": limits})


def fit(examples: Sequence[Example]) -> Weights:
    """Both models from examples."""
    rank = fit_rank([example for example in examples if example.right])
    return Weights(rank, fit_confidence(examples, rank))


def fit_confidence(examples: Sequence[Example], rank: Doubles) -> Doubles:
    """Weights of views and doubts and a constant in the chance that the best answer is right.

    "Nobody knows that" is never given as an answer, so where it comes first nothing is learnt.
    """
    rows: list[Doubles] = []
    good: list[bool] = []
    share: list[float] = []

    def note(example: Example, away: tuple[int, ...], weight: float) -> None:
        best, signs = example.best(rank, away)
        if example.matcher.answers[best].id == NOT_KNOWN_ID:
            return
        rows.append(np.append(signs, 1.0))
        good.append(best in example.right)
        mistaken = example.right and not away and best not in example.right
        share.append(weight * WRONG_WEIGHT if mistaken else weight)

    for example in examples:
        note(example, (), example.weight)
        if example.right and example.case is not None:
            note(example, example.right, example.weight * TAKEN_AWAY_WEIGHT)
    return fit_logistic(np.stack(rows), np.array(good, float), np.array(share))


def outcome(example: Example, weights: Weights) -> Outcome:
    """What an example of a bank would get if the threshold were 0."""
    assert example.case is not None
    best, signs = example.best(weights.rank)
    answer_id = example.matcher.answers[best].id
    if answer_id == NOT_KNOWN_ID:
        return Outcome(example.case, None, 0.0)
    activation = float(np.append(signs, 1.0) @ weights.confidence)
    return Outcome(example.case, answer_id, float(1 / (1 + np.exp(-activation))))


def main() -> None:
    """Fit and write, or check."""
    parser = argparse.ArgumentParser(description="Fit the weights of the matcher.")
    parser.add_argument("--check", action="store_true", help="cross-validate, write nothing")
    check = parser.parse_args().check
    persona = load_persona(ROOT / "persona.toml").persona
    model = paths.builtin_models_dir() / EMBEDDER
    embedder = Embedder(model, threads=1, cache_dir=paths.cache_dir())
    whole, small = Examples(persona, embedder), Examples(thinned(persona), embedder)
    embedder.save_pinned()
    cases = [load_bank(path).side("tune") for path in BANKS]
    banks = [whole.of_cases(of) for of in cases]
    earlier = load_cases(EARLIER, "tune")
    examples = [
        *chain.from_iterable(banks),
        *whole.of_cases(earlier),
        *whole.left_out(),
        *small.of_cases((*chain.from_iterable(cases), *earlier), THINNED_WEIGHT),
    ]
    if check:
        cross_validate(examples, banks)
        return
    WEIGHTS.write_text(source(fit(examples), len(examples)), "utf-8")
    print(WEIGHTS.read_text("utf-8"))


def cross_validate(examples: Sequence[Example], banks: Sequence[Sequence[Example]]) -> None:
    """Print the curve of each bank's tune side, every question unseen by the weights used."""
    found: dict[int, Outcome] = {}
    for fold in range(FOLDS):
        weights = fit([example for example in examples if fold_of(example) != fold])
        for example in chain.from_iterable(banks):
            if fold_of(example) == fold:
                found[id(example)] = outcome(example, weights)
    for path, bank in zip(BANKS, banks, strict=True):
        print(path.name, len(bank))
        for point in curve([found[id(example)] for example in bank]):
            print(told(point))
    everything = curve([found[id(example)] for bank in banks for example in bank], FINE_THRESHOLDS)
    best = best_point(everything)
    print("chosen of all banks together:", told(best) if best else "none is within the gates")


def told(point: Point) -> str:
    """A point in a line."""
    return "  ".join(f"{name} {share:.3f}" for name, share in point.as_record().items())


def fold_of(example: Example) -> int:
    """Fold of a question, the same wherever it is asked."""
    return zlib.crc32(example.readings.whole.encode()) % FOLDS


def fit_rank(examples: Sequence[Example]) -> Doubles:
    """Weights that put the right answer first, of sum RANK_SUM."""
    most = max(len(example.sight.table) for example in examples)
    views = np.zeros((len(examples), most, len(VIEWS)))
    absent = np.full((len(examples), most), -np.inf)  # a small persona has fewer candidates
    right = np.zeros((len(examples), most), bool)
    for row, example in enumerate(examples):
        count = len(example.sight.table)
        views[row, :count], absent[row, :count] = example.sight.table, 0.0
        right[row, list(example.right)] = True
    weight = np.array([example.weight for example in examples])

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        rating = views @ weights + absent
        each = np.exp(rating - rating.max(axis=1, keepdims=True))
        chance = each / each.sum(axis=1, keepdims=True)
        good = (chance * right).sum(axis=1)
        towards = chance - chance * right / good[:, None]
        slope = ((towards * weight[:, None])[:, :, None] * views).sum(axis=(0, 1))
        value = -(weight * np.log(good)).sum() + RANK_PENALTY * (weights**2).sum()
        return float(value), slope + 2 * RANK_PENALTY * weights

    weights = minimised(loss, [bounds(view) for view in VIEWS])
    scaled: Doubles = weights * RANK_SUM / weights.sum()
    return scaled


def source(weights: Weights, examples: int) -> str:
    """The module's text."""

    def table(names: tuple[str, ...], values: Doubles) -> str:
        return "".join(f'    "{n}": {v:.3f},\n' for n, v in zip(names, values, strict=True))

    return (
        '"""Weights of the matcher: written by scripts/fit_matcher.py, not by hand.\n\n'
        f"Fitted on {examples} questions: the tune sides of the banks in tests/bank and of\n"
        "tests/answer/questions.toml, and examples made of persona.toml.\n"
        '"""\n\n'
        "from __future__ import annotations\n\nfrom typing import Final\n\n"
        f"RANK: Final = {{\n{table(VIEWS, weights.rank)}}}\n"
        '"""Of each view in the order of the answers."""\n\n'
        f"CONFIDENCE: Final = {{\n{table((*VIEWS, *DOUBTS), weights.confidence[:-1])}}}\n"
        '"""Of the best answer\'s views and doubts in its chance to be right."""\n\n'
        f"BIAS: Final = {weights.confidence[-1]:.3f}\n"
    )


if __name__ == "__main__":
    main()

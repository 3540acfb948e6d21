"""Names that recognition wrote as other words, put back: "please e a sore" is plesiosaur."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

from kiosk.answer.words import STOP_WORDS, normalise, sound_key, sound_shape

_SHORTEST_LETTERS = 6
_SHORTEST_SOUNDS = 4
_LONGEST_WINDOW_WORDS = 5
_SOUND_LIKENESS = 85.0
_OPENING = """
did do does was were is are have has had can could will would shall should you your i my me
    he she they we it what which who when where why how tell about not"""
_OPENING_WORDS = frozenset(_OPENING.split())
_FILLERS = frozenset({"oh", "um", "uh", "er", "a", "s", "t", "d", "m", "so", "as"})
_SHAPE_LIKENESS = 75.0
_CHANCE_LIKENESS = 70.0  # words that have nothing in common reach it


class Names:
    """Aim: find names of the persona's world by their sound in a garbled question.

    Only names of some length take part: a short one sounds like too many other words.
    """

    def __init__(self, names: Iterable[str], vocabulary: Iterable[str]) -> None:
        """Prepare the names.

        Args:
            names: Words and short word groups that matter, as written.
            vocabulary: Words that stand for themselves and are never replaced one for one.
        """
        self._vocabulary = frozenset(vocabulary) | STOP_WORDS
        by_name = {
            name: sound_key(name)
            for name in dict.fromkeys(normalise(n) for n in names)
            if len(name) >= _SHORTEST_LETTERS
        }
        kept = {name: key for name, key in by_name.items() if len(key) >= _SHORTEST_SOUNDS}
        self._names = list(kept)
        self._keys = list(kept.values())
        self._shapes = [sound_shape(name) for name in kept]

    def repair(self, normal: str) -> str:
        """The normalised question with its best-sounding garbled names put right.

        Words that are spelt right stay; at most two names are put back.
        """
        for _ in range(2):
            repaired = self._repair_once(normal)
            if repaired == normal:
                break
            normal = repaired
        return normal

    def _repair_once(self, normal: str) -> str:
        words = normal.split()
        windows = [
            (start, end)
            for start in range(len(words))
            for end in range(start + 1, min(start + _LONGEST_WINDOW_WORDS, len(words)) + 1)
            if self._may_be_garbled(words[start:end])
        ]
        if not windows or not self._names:
            return normal
        texts = [" ".join(words[start:end]) for start, end in windows]
        sounds = [sound_key(text) for text in texts]
        likeness = process.cdist(
            sounds, self._keys, scorer=fuzz.ratio, score_cutoff=_SOUND_LIKENESS
        )
        best: tuple[float, int, int, str] | None = None
        for row, column in zip(*likeness.nonzero(), strict=True):
            name = self._names[column]
            shape = fuzz.ratio(sound_shape(texts[row]), self._shapes[column])
            if shape < _SHAPE_LIKENESS or name in normal:
                continue
            # The more sounds a name explains, the less likely by chance: "die more for don" holds
            # "fortune", but is dimorphodon.
            rating = float(likeness[row, column]) + shape - 2 * _CHANCE_LIKENESS
            rating *= len(sounds[row]) ** 0.5
            if best is None or rating > best[0]:
                best = (rating, *windows[row], name)
        if best is None:
            return normal
        _, start, end, name = best
        return " ".join([*words[:start], name, *words[end:]])

    def _may_be_garbled(self, words: list[str]) -> bool:
        """Whether these neighbouring words could be one misheard name."""
        if len(words) == 1:
            return words[0] not in self._vocabulary and len(words[0]) >= _SHORTEST_SOUNDS
        if words[0] in _OPENING_WORDS or words[-1] in STOP_WORDS - _FILLERS:
            return False
        return any(word not in self._vocabulary for word in words)

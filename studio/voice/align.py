"""Which part of the teacher's speech belongs to which espeak-ng symbol.

The two describe the same sentence with different alphabets: espeak-ng in IPA with stress, length
and punctuation, the teacher in the American phones of its dictionary with pauses. A
Needleman-Wunsch alignment finds the cheapest way to pair them; its cost says how far the two
pronunciations differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

PAUSE = "pau"
BOUNDARIES = frozenset("^$")
MODIFIERS = frozenset("ˈˌː_ʲ\u0329\u032f\u0303")
PUNCTUATION = frozenset(",.;:?!'\"()- ")

_SILENT = MODIFIERS | PUNCTUATION | BOUNDARIES

PHONES: dict[str, tuple[str, ...]] = {
    "p": ("p",), "b": ("b",), "t": ("t", "d"), "d": ("d",), "k": ("k",), "ɡ": ("g",), "g": ("g",),
    "m": ("m",), "n": ("n",), "ŋ": ("ng",), "f": ("f",), "v": ("v",), "θ": ("th",), "ð": ("dh",),
    "s": ("s",), "z": ("z",), "ʃ": ("sh",), "ʒ": ("zh",), "h": ("hh",), "ɹ": ("r",), "r": ("r",),
    "l": ("l",), "ɬ": ("l",), "j": ("y",), "w": ("w",), "ɾ": ("t", "d", "dx"), "ʔ": ("t",),
    "x": ("k",), "a": ("ae", "aa", "ay", "aw"), "æ": ("ae",), "ɑ": ("aa",), "ɔ": ("ao", "aa"),
    "ɒ": ("aa", "ao"), "ʌ": ("ah", "ax"), "ə": ("ax", "ah", "ih"), "ɐ": ("ax", "ah"),
    "ᵻ": ("ih", "ax", "iy"), "ɪ": ("ih", "ax"), "i": ("iy", "ih"), "e": ("ey", "eh"),
    "ɛ": ("eh", "ae"), "ɚ": ("er",), "ɜ": ("er",), "ɝ": ("er",), "ʊ": ("uh", "ax"),
    "u": ("uw", "uh"), "o": ("ow", "ao"),
}  # fmt: skip
"""espeak-ng symbol to the teacher's phones, the usual one first."""

SPLIT: dict[tuple[str, str], str] = {
    ("a", "ɪ"): "ay", ("a", "ʊ"): "aw", ("ɔ", "ɪ"): "oy", ("e", "ɪ"): "ey", ("o", "ʊ"): "ow",
    ("t", "ʃ"): "ch", ("d", "ʒ"): "jh",
    ("ə", "ɹ"): "er", ("ʊ", "ɹ"): "er", ("ɚ", "ɹ"): "er", ("ɹ", "ə"): "er", ("ɪ", "ə"): "iy",
    ("ə", "l"): "l", ("ə", "n"): "n", ("ə", "m"): "m", ("j", "u"): "uw",
}  # fmt: skip
"""Two symbols that the teacher may say as one phone."""

FIRST_SHARE = {"ay": 0.55, "aw": 0.55, "oy": 0.55, "ey": 0.6, "ow": 0.6, "ch": 0.45, "jh": 0.45}
"""How much of such a phone the first symbol gets. These pairs are always one phone: no cost."""

JOINED: dict[str, tuple[tuple[str, str], ...]] = {
    "ɚ": (("ax", "r"), ("eh", "r"), ("ah", "r"), ("ih", "r"), ("ao", "r")),
    "ɜ": (("ah", "r"), ("er", "r")),
    "ŋ": (("ng", "g"), ("n", "g")),
}
"""One symbol that the teacher may say as two phones."""

_VOWEL_PHONES = frozenset(
    ["aa", "ae", "ah", "ao", "aw", "ax", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw"]
)
_STOPS = frozenset(["p", "b", "t", "d", "k", "g", "ch", "jh", "dx"])
_FRICATIVES = frozenset(["f", "v", "th", "dh", "s", "z", "sh", "zh", "hh"])
VOWELS = frozenset("aæɑɔɒʌəɐᵻɪieɛɚɜɝʊuo")
_GLIDES = frozenset("jwɹ")

SKIPPED_SYMBOL = 1.5
SKIPPED_PHONE = 1.5
SKIPPED_PAUSE = 3.0
RARE_SPLIT = 0.4
JOIN = 0.2
NEVER = 9.0


class Share(NamedTuple):
    """A part of one teacher segment, from ``start`` to ``end`` as fractions of it."""

    segment: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """The cheapest pairing.

    Attributes:
        shares: For each symbol, the segments it is said in, in order; empty for silent symbols.
        cost: Sum over the sentence; 0 where both agree everywhere.
    """

    shares: tuple[tuple[Share, ...], ...]
    cost: float

    def durations(self, segment_lengths: Sequence[float]) -> list[float]:
        """Length of each symbol, in the unit of the given lengths; their sums are equal."""
        return [
            sum(segment_lengths[share.segment] * (share.end - share.start) for share in of_symbol)
            for of_symbol in self.shares
        ]


class _Step(NamedTuple):
    """Where a cell of the table was reached from, and what was paired on the way."""

    symbol: int
    segment: int
    pairs: tuple[tuple[int, Share], ...]


def align(symbols: Sequence[str], phones: Sequence[str]) -> Alignment:
    """Pair espeak-ng symbols with the teacher's phones.

    Args:
        symbols: Phonemes of a sentence as Piper gives them, with ``^`` before and ``$`` after.
        phones: Names of the teacher's segments, pauses (``pau``) included.

    Source: S. B. Needleman, C. D. Wunsch, J. Mol. Biol. 48 (1970).
    """
    rows, columns = len(symbols), len(phones)
    costs = [[float("inf")] * (columns + 1) for _ in range(rows + 1)]
    steps: list[list[_Step | None]] = [[None] * (columns + 1) for _ in range(rows + 1)]
    costs[0][0] = 0.0
    for row in range(rows + 1):
        for column in range(columns + 1):
            for to_row, to_column, price, pairs in _moves(symbols, phones, row, column):
                cost = costs[row][column] + price
                if cost < costs[to_row][to_column]:
                    costs[to_row][to_column] = cost
                    steps[to_row][to_column] = _Step(row, column, pairs)
    shares: list[list[Share]] = [[] for _ in symbols]
    unpaired: list[tuple[int, int]] = []
    row, column = rows, columns
    while row or column:
        step = steps[row][column]
        assert step is not None  # every cell is reached: skipping is always possible
        for symbol, share in step.pairs:
            shares[symbol].append(share)
        if step.symbol == row:
            unpaired.append((step.symbol, step.segment))
        row, column = step.symbol, step.segment
    _adopt(shares, sorted(unpaired, key=lambda pair: pair[1]))
    return Alignment(tuple(tuple(sorted(of_symbol)) for of_symbol in shares), costs[rows][columns])


def _moves(
    symbols: Sequence[str], phones: Sequence[str], row: int, column: int
) -> list[tuple[int, int, float, tuple[tuple[int, Share], ...]]]:
    """Every way on from a cell: (row, column, cost, pairs)."""
    moves: list[tuple[int, int, float, tuple[tuple[int, Share], ...]]] = []
    if row < len(symbols):
        silent = symbols[row] in _SILENT
        moves.append((row + 1, column, 0.0 if silent else SKIPPED_SYMBOL, ()))
    if column < len(phones):
        skipped = SKIPPED_PAUSE if phones[column] == PAUSE else SKIPPED_PHONE
        moves.append((row, column + 1, skipped, ()))
    if row == len(symbols) or column == len(phones):
        return moves
    symbol, phone = symbols[row], phones[column]
    moves.append((row + 1, column + 1, _price(symbol, phone), ((row, Share(column, 0.0, 1.0)),)))
    if symbol not in PHONES:
        return moves
    second = row + 1
    while second < len(symbols) and symbols[second] in MODIFIERS:
        second += 1
    if second < len(symbols) and SPLIT.get((symbol, symbols[second])) == phone:
        at = FIRST_SHARE.get(phone, 0.5)
        halves = ((row, Share(column, 0.0, at)), (second, Share(column, at, 1.0)))
        moves.append((second + 1, column + 1, 0.0 if phone in FIRST_SHARE else RARE_SPLIT, halves))
    if tuple(phones[column : column + 2]) in JOINED.get(symbol, ()):
        both = ((row, Share(column, 0.0, 1.0)), (row, Share(column + 1, 0.0, 1.0)))
        moves.append((row + 1, column + 2, JOIN, both))
    return moves


def _price(symbol: str, phone: str) -> float:
    """What it costs to pair a symbol with a phone: 0 for the same sound, ``NEVER`` at the worst."""
    if phone == PAUSE:
        if symbol in BOUNDARIES:
            return 0.0
        return {" ": 0.6}.get(symbol, 0.1 if symbol in ",.;:?!" else NEVER)
    usual = PHONES.get(symbol)
    if usual is None:
        return NEVER
    if phone in usual:
        return 0.0 if phone == usual[0] else 0.2
    vowel, phone_is_vowel = symbol in VOWELS, phone in _VOWEL_PHONES
    if vowel != phone_is_vowel:
        alike = symbol in _GLIDES if phone_is_vowel else phone in {"y", "w", "r"}
        return 2.0 if alike else 3.0
    if vowel:
        return 1.0
    return 1.2 if _manner(usual[0]) == _manner(phone) else 1.8


def _manner(phone: str) -> str:
    if phone in _STOPS:
        return "stop"
    return "fricative" if phone in _FRICATIVES else "sonorant"


def _adopt(shares: list[list[Share]], unpaired: Sequence[tuple[int, int]]) -> None:
    """Give segments that no symbol claimed to the symbol that has the segment before them."""
    owners = {share.segment: symbol for symbol, own in enumerate(shares) for share in own}
    for symbol, segment in unpaired:
        owner = owners.get(segment - 1, min(symbol, len(shares) - 1))
        owners[segment] = owner
        shares[owner].append(Share(segment, 0.0, 1.0))

"""Subtitles from the times of words: where to break them, and how the files are written.

A title has at most two lines of 42 characters and stays for a second or longer (the usual house
rules, e.g. Netflix's and the BBC's). Where there is a choice it ends with a sentence, else with a
clause, else before a word that opens one.

Sources: BBC Subtitle Guidelines 1.2; W3C WebVTT. SubRip has no standard: as VLC reads it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kiosk.tts import WordTiming

LINE_CHARACTERS = 42
LINES = 2
SHORTEST_S = 1.0
LINGER_S = 0.4
"""A title stays a moment after its last word, if the next one leaves it the time."""

_GAP_S = 0.08  # two frames of nothing tell the eye that the text is new
_LONG_PAUSE_S = 0.6  # nobody reads on across a pause

# What a break costs; only their order matters. A title too short to be read is worse than any.
_SENTENCE, _CLAUSE, _OPENER, _ANYWHERE, _AFTER_LITTLE_WORD = 0.0, 2.0, 4.0, 8.0, 14.0
_EACH_TITLE = 3.0
_RUN_ON = 6.0
_TOO_SHORT = 100.0

_ENDS_SENTENCE = re.compile(r"[.!?…][\"'”’»)]*$")
_ENDS_CLAUSE = re.compile(r"[,;:—–][\"'”’»)]*$")
_OPENERS = frozenset(
    {
        *("and", "but", "or", "because", "which", "who", "that", "when", "where", "while", "if"),
        *("as", "to", "in", "on", "at", "for", "from", "with"),
        *("und", "aber", "oder", "weil", "der", "die", "das", "wenn", "dass"),
        *("et", "mais", "ou", "que", "qui", "y", "pero", "si", "и", "но", "что", "как"),
    }
)
_LITTLE_WORDS = frozenset(
    {
        *("a", "an", "the", "my", "his", "her", "our", "their", "of", "to", "in", "on", "at"),
        *("for", "from", "with", "and", "or", "but", "i"),
        *("ein", "eine", "der", "die", "das", "mein", "und", "oder"),
        *("le", "la", "les", "un", "une", "de", "du", "et", "el", "los", "las", "una", "y"),
        *("в", "на", "и", "с"),
    }
)


@dataclass(frozen=True, slots=True)
class Title:
    """Attributes:
    lines: One or two.
    start_s: Seconds from the beginning of the film.
    end_s: Seconds from the beginning of the film.
    """

    lines: tuple[str, ...]
    start_s: float
    end_s: float


def titles_of(words: Sequence[WordTiming], duration_s: float) -> list[Title]:
    """Break timed words into titles.

    Args:
        words: As written, in order, times from the beginning of the film.
        duration_s: Length of the film; no title stays longer.
    """
    words = [piece for word in words for piece in _short_enough(word)]
    groups = list(_groups(words))
    titles = []
    for number, group in enumerate(groups, 1):
        last = number == len(groups)
        limit_s = duration_s if last else groups[number][0].start_s - _GAP_S
        wanted_s = max(group[-1].end_s + LINGER_S, group[0].start_s + SHORTEST_S)
        end_s = max(min(wanted_s, limit_s), group[0].start_s)
        lines = _lines([word.word for word in group])
        titles.append(Title(lines, group[0].start_s, end_s))
    return titles


def _short_enough(word: WordTiming) -> Iterator[WordTiming]:
    """A word that fills more than a line is cut into pieces that share its time."""
    pieces = max(1, -(-len(word.word) // LINE_CHARACTERS))
    step_s = (word.end_s - word.start_s) / pieces
    for number in range(pieces):
        text = word.word[number * LINE_CHARACTERS : (number + 1) * LINE_CHARACTERS]
        start_s = word.start_s + number * step_s
        yield WordTiming(text, start_s, start_s + step_s)


def _groups(words: Sequence[WordTiming]) -> Iterator[Sequence[WordTiming]]:
    """The cheapest way to cut the words into titles (dynamic programming over where each ends)."""
    best: list[tuple[float, int]] = [(0.0, 0)]  # for the first n words: cost, start of the last
    for end in range(1, len(words) + 1):
        options = []
        for start in range(end - 1, -1, -1):
            group = words[start:end]
            if len(_lines([word.word for word in group])) > LINES:
                break
            options.append((best[start][0] + _cost(group, words[end : end + 1]), start))
        best.append(min(options))
    cuts = []
    end = len(words)
    while end:
        cuts.append((best[end][1], end))
        end = best[end][1]
    for start, end in reversed(cuts):
        yield words[start:end]


def _cost(group: Sequence[WordTiming], following: Sequence[WordTiming]) -> float:
    """How bad a title is: what it breaks, what it runs over, and whether it can be read.

    Args:
        group: Its words.
        following: The word after it, if there is one.
    """
    cost = _EACH_TITLE
    for after in following:
        if not _pause_between(group[-1], after):
            cost += _break_cost(group[-1].word, after.word)
        if after.start_s - group[0].start_s < SHORTEST_S + _GAP_S:
            cost += _TOO_SHORT
    for before, after in pairwise(group):
        if _pause_between(before, after) or _ENDS_SENTENCE.search(before.word):
            cost += _RUN_ON
    return cost


def _pause_between(before: WordTiming, after: WordTiming) -> bool:
    return after.start_s - before.end_s > _LONG_PAUSE_S


def _break_cost(before: str, after: str) -> float:
    """How much it hurts to part two words."""
    if _ENDS_SENTENCE.search(before):
        return _SENTENCE
    if _ENDS_CLAUSE.search(before):
        return _CLAUSE
    if before.lower() in _LITTLE_WORDS:
        return _AFTER_LITTLE_WORD
    return _OPENER if after.lower() in _OPENERS else _ANYWHERE


def _lines(words: Sequence[str]) -> tuple[str, ...]:
    """One line if it fits; else two, broken where it hurts least; else more than may be shown."""
    whole = " ".join(words)
    if len(whole) <= LINE_CHARACTERS:
        return (whole,)
    options = []
    for cut in range(1, len(words)):
        first, second = " ".join(words[:cut]), " ".join(words[cut:])
        if max(len(first), len(second)) <= LINE_CHARACTERS:
            uneven = abs(len(first) - len(second)) / 4
            options.append((_break_cost(words[cut - 1], words[cut]) + uneven, (first, second)))
    return min(options)[1] if options else (whole, "", "")


def as_srt(titles: Sequence[Title]) -> str:
    """The titles as a SubRip file."""
    return "".join(
        f"{number}\n{_time(title.start_s, ',')} --> {_time(title.end_s, ',')}\n"
        + "\n".join(_unarrowed(line) for line in title.lines)
        + "\n\n"
        for number, title in enumerate(titles, 1)
    )


def as_vtt(titles: Sequence[Title]) -> str:
    """The titles as a WebVTT file."""
    return "WEBVTT\n\n" + "".join(
        f"{_time(title.start_s, '.')} --> {_time(title.end_s, '.')}\n"
        + "\n".join(html.escape(_unarrowed(line), quote=False) for line in title.lines)
        + "\n\n"
        for title in titles
    )


def _unarrowed(line: str) -> str:
    """Both formats take an arrow in a line for a new title's times."""
    return line.replace("-->", "→")


def _time(seconds: float, point: str) -> str:
    total_ms = round(seconds * 1000)
    minutes, ms = divmod(total_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{ms // 1000:02}{point}{ms % 1000:03}"

"""When each written word sounds, from the phonemes of a chunk.

Espeak merges and splits words ("of the" becomes one, "1811" three), so spaces in the phoneme string
cannot be counted. Instead each span of text is phonemised alone, and the two phoneme strings are
aligned by edit distance; every phoneme of the chunk then belongs to a span.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from kiosk.tts.pronounce import Span
from kiosk.tts.speech import PhonemeTiming, WordTiming

LENGTH_MARKS = "ːˑ"
PAUSE_MARKS = ",.;:!?"

_VOWELS = frozenset("aeiouyæɐɑɒɔəɚɛɜɝɪɨʊʉʌɵøœɯɤ")

# Rough relative lengths (consonant = 1), for voices that give no timings of their own.
_VOWEL_WEIGHT = 1.4
_LENGTH_WEIGHT = 0.7
_PAUSE_WEIGHT = 2.0


def is_sound(phoneme: str) -> bool:
    """True for a vowel or consonant; false for stress, length, pauses, spaces, start and end."""
    return any(unicodedata.category(symbol) in ("Ll", "Lo", "Lt", "Lu") for symbol in phoneme)


def estimate_phonemes(phonemes: Sequence[str], start_s: float, end_s: float) -> list[PhonemeTiming]:
    """Spread phonemes over a stretch of sound, heard from end to end, by their typical lengths."""
    weights = [_weight(phoneme) for phoneme in phonemes]
    for index in reversed(range(len(phonemes))):
        if is_sound(phonemes[index]):
            break
        weights[index] = 0.0  # The pause after the last sound is not part of the stretch.
    total = sum(weights) or 1.0
    timings: list[PhonemeTiming] = []
    at_s = start_s
    for phoneme, weight in zip(phonemes, weights, strict=True):
        next_s = min(at_s + (end_s - start_s) * weight / total, end_s)
        timings.append(PhonemeTiming(phoneme, at_s, next_s))
        at_s = next_s
    return timings


def _weight(phoneme: str) -> float:
    if is_sound(phoneme):
        return _VOWEL_WEIGHT if _VOWELS & set(phoneme) else 1.0
    if phoneme in LENGTH_MARKS:
        return _LENGTH_WEIGHT
    return _PAUSE_WEIGHT if phoneme in PAUSE_MARKS else 0.0


def word_timings(
    spans: Sequence[Span],
    spoken_alone: Sequence[Sequence[str]],
    phonemes: Sequence[PhonemeTiming],
) -> tuple[WordTiming, ...]:
    """Time each written word.

    Args:
        spans: Spans of the chunk, in order.
        spoken_alone: For each span, its phonemes when spoken alone.
        phonemes: Phonemes of the whole chunk.

    Returns:
        One timing for each written word; words without a sound of their own (a lone dash) take no
        time, at the end of the word before.
    """
    sounds = [phoneme for phoneme in phonemes if is_sound(phoneme.phoneme)]
    owners = _owners([p.phoneme for p in sounds], spoken_alone)
    edges: list[tuple[float, float] | None] = [None] * len(spans)
    for sound, owner in zip(sounds, owners, strict=True):
        known = edges[owner]
        edges[owner] = (known[0] if known else sound.start_s, sound.end_s)
    words: list[WordTiming] = []
    at_s = sounds[0].start_s if sounds else 0.0
    for span, edge in zip(spans, edges, strict=True):
        start_s, end_s = edge or (at_s, at_s)
        words.extend(_share(span.written, start_s, end_s))
        at_s = end_s
    return tuple(words)


def _owners(sounds: Sequence[str], spoken_alone: Sequence[Sequence[str]]) -> list[int]:
    """The span of each sound: never decreasing, every sound has one."""
    expected = [
        (symbol, index)
        for index, symbols in enumerate(spoken_alone)
        for symbol in symbols
        if is_sound(symbol)
    ]
    if not expected:
        return [0] * len(sounds)
    owners = [0] * len(sounds)
    operations = Levenshtein.opcodes([symbol for symbol, _ in expected], list(sounds))
    for operation in operations:
        source, target = operation.src_start, operation.dest_start
        for offset in range(operation.dest_end - target):
            # An inserted sound belongs with the expected one before it.
            nearest = source + offset if operation.tag != "insert" else source - 1
            owners[target + offset] = expected[min(max(nearest, 0), len(expected) - 1)][1]
    return owners


def _share(written: Sequence[str], start_s: float, end_s: float) -> list[WordTiming]:
    """Share a span's time among its words by their letters."""
    total = sum(map(len, written))
    timings: list[WordTiming] = []
    letters, at_s = 0, start_s
    for word in written:
        letters += len(word)
        # The last word ends exactly where the span does, whatever the rounding.
        next_s = end_s if letters == total else start_s + (end_s - start_s) * letters / total
        timings.append(WordTiming(word, at_s, next_s))
        at_s = next_s
    return timings

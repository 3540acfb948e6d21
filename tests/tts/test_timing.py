"""Word times from phoneme times, where espeak merges and splits words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.tts.pronounce import Span
from kiosk.tts.speech import PhonemeTiming
from kiosk.tts.timing import estimate_phonemes, is_sound, word_timings


def timed(phonemes: str, each_s: float = 0.1) -> list[PhonemeTiming]:
    """Every sound takes ``each_s``, everything else no time."""
    timings, at_s = [], 0.0
    for phoneme in phonemes:
        end_s = at_s + (each_s if is_sound(phoneme) else 0.0)
        timings.append(PhonemeTiming(phoneme, at_s, end_s))
        at_s = end_s
    return timings


def spans(text: str) -> list[Span]:
    return [Span((word,), word) for word in text.split()]


def times(result) -> list[tuple[str, float, float]]:
    return [(word, round(start_s, 3), round(end_s, 3)) for word, start_s, end_s in result]


def test_one_to_one() -> None:
    result = word_timings(spans("go on"), ["ɡoʊ", "ɔn"], timed("ɡˈoʊ ˈɔn"))
    assert times(result) == [("go", 0.0, 0.3), ("on", 0.3, 0.5)]


def test_merged_words_are_told_apart() -> None:
    result = word_timings(spans("of the sea"), ["ʌv", "ðə", "siː"], timed("ʌvðə sˈiː"))
    assert times(result) == [("of", 0.0, 0.2), ("the", 0.2, 0.4), ("sea", 0.4, 0.6)]


def test_a_number_spoken_as_several_words_is_one_word() -> None:
    result = word_timings(spans("in 21"), ["ɪn", "twɛnti wʌn"], timed("ɪn twˈɛnti wˈʌn"))
    assert times(result) == [("in", 0.0, 0.2), ("21", 0.2, 1.1)]


def test_sounds_that_differ_in_context_stay_with_their_word() -> None:
    """Alone "a" is spoken as a letter, and "for" is longer."""
    result = word_timings(spans("a man for"), ["eɪ", "mæn", "fɔːɹ"], timed("ɐ mˈæn fɚ"))
    assert times(result) == [("a", 0.0, 0.1), ("man", 0.1, 0.4), ("for", 0.4, 0.6)]


def test_pauses_belong_to_no_word() -> None:
    phonemes = [
        PhonemeTiming("ɔ", 0.0, 0.2),
        PhonemeTiming(",", 0.2, 0.5),
        PhonemeTiming("ɔ", 0.5, 0.7),
    ]
    result = word_timings(spans("oh, oh"), ["ɔ", "ɔ"], phonemes)
    assert times(result) == [("oh,", 0.0, 0.2), ("oh", 0.5, 0.7)]


def test_a_lone_dash_takes_no_time() -> None:
    result = word_timings(spans("go — on"), ["ɡoʊ", "", "ɔn"], timed("ɡˈoʊ; ɔn"))
    assert times(result) == [("go", 0.0, 0.3), ("—", 0.3, 0.3), ("on", 0.3, 0.5)]


def test_a_name_of_two_words_is_shared_by_letters() -> None:
    name = [Span(("Lyme", "Regis."), "lime reejis.")]
    result = word_timings(name, ["laɪmɹiːdʒɪs"], timed("laɪm ɹiːdʒɪs."))
    assert times(result) == [("Lyme", 0.0, 0.4), ("Regis.", 0.4, 1.0)]


def test_nothing_to_hear() -> None:
    assert times(word_timings(spans("— —"), ["", ""], [])) == [("—", 0.0, 0.0), ("—", 0.0, 0.0)]
    assert times(word_timings(spans("你好"), [""], timed("aɪ"))) == [("你好", 0.0, 0.2)]


def test_estimates_fill_the_time_and_favour_vowels() -> None:
    timings = estimate_phonemes(list("tˈɑːt, "), 1.0, 2.0)
    assert timings[0].start_s == 1.0
    assert timings[-1].end_s == pytest.approx(2.0)
    lengths = {t.phoneme: t.end_s - t.start_s for t in timings}
    assert lengths["ɑ"] > lengths["t"] > lengths["ˈ"] == 0.0


ALPHABET = "aɪnsʃˈː ,."


@given(
    st.lists(st.text(ALPHABET, max_size=6), min_size=1, max_size=8),
    st.text(ALPHABET, max_size=40),
)
def test_words_are_ordered_and_inside_whatever_espeak_does(alone: list[str], whole: str) -> None:
    phonemes = timed(whole)
    result = word_timings([Span((str(i),), str(i)) for i in range(len(alone))], alone, phonemes)
    assert [word for word, _, _ in result] == [str(i) for i in range(len(alone))]
    edges = [edge for _, start_s, end_s in result for edge in (start_s, end_s)]
    assert edges == sorted(edges)
    if phonemes:
        assert edges[0] >= 0.0
        assert edges[-1] <= phonemes[-1].end_s + 1e-9

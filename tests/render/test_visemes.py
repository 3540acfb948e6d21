"""The viseme timeline covers the film, and every sound of the shipped voices has a viseme."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kiosk.render.visemes import SILENCE, VISEMES, viseme_of, viseme_record, viseme_timeline
from kiosk.tts import PhonemeTiming

SYMBOLS = st.sampled_from([*"abdefiklmnopstuvwzðŋɑɔəɛɜɡɪɹʃʊʌʒθ", "ˈ", "ˌ", "ː", " ", ",", "."])


@st.composite
def phonemes(draw: st.DrawFn) -> list[PhonemeTiming]:
    at_s = draw(st.floats(0, 1))
    timings = []
    for symbol in draw(st.lists(SYMBOLS, max_size=40)):
        at_s += draw(st.sampled_from([0.0, 0.0, 0.2]))  # now and then a gap
        end_s = at_s + draw(st.floats(0, 0.3))
        timings.append(PhonemeTiming(symbol, at_s, end_s))
        at_s = end_s
    return timings


@given(phonemes())
def test_no_gaps_no_overlaps_and_no_sound_is_lost(timings: list[PhonemeTiming]) -> None:
    duration_s = round((timings[-1].end_s if timings else 0.0) + 1.0, 4)
    timeline = viseme_timeline(timings, duration_s)
    assert timeline[0].start_s == 0
    assert timeline[-1].end_s == duration_s
    assert timeline[-1].viseme == SILENCE
    for before, after in pairwise(timeline):
        assert before.end_s == after.start_s
        assert before.end_s > before.start_s
        assert not before.viseme == after.viseme == SILENCE
    assert {timing.viseme for timing in timeline} <= set(VISEMES)
    heard = [t for t in timings if t.phoneme.isalpha() and t.phoneme not in "ˈˌː"]
    long = [t.phoneme for t in heard if t.end_s - t.start_s > 0.01]
    shown = "".join(timing.phoneme for timing in timeline)
    assert all(symbol in shown for symbol in long)


def test_marks_stay_with_their_sounds() -> None:
    said = [("h", 0.4, 0.5), ("ə", 0.5, 0.55), ("l", 0.55, 0.6), ("ˈ", 0.6, 0.6), ("o", 0.6, 0.7),
            ("ː", 0.7, 0.8), (" ", 0.8, 0.8), ("m", 0.8, 0.9), (",", 0.9, 1.1)]  # fmt: skip
    timeline = viseme_timeline([PhonemeTiming(*one) for one in said], 2.0)
    assert [tuple(timing) for timing in timeline] == [
        ("", "sil", 0.0, 0.4),
        ("h", "kk", 0.4, 0.5),
        ("ə", "E", 0.5, 0.55),
        ("l", "nn", 0.55, 0.6),
        ("ˈoː", "O", 0.6, 0.8),
        ("m", "PP", 0.8, 0.9),
        ("", "sil", 0.9, 2.0),
    ]


def test_sounds_of_five_languages_have_their_own_viseme() -> None:
    # All letters that espeak-ng's en, de, fr, es and ru write (its phoneme tables, as IPA).
    for symbol in "abdefhijklmnoprstuvwxyzæçðøŋœɐɑɒɔɕəɚɛɜɡɣɨɪɭɲɹɾʁʂʃʊʌʎʐʑʒʝʲθβ":
        assert viseme_of(symbol) in VISEMES, symbol
    assert viseme_of("β") == "PP"
    assert viseme_of("ɔ̃") == "O"
    assert viseme_of("ˈ") == viseme_of(" ") == SILENCE
    assert viseme_of("ꭓ") == "E"


def test_the_record_says_what_it_is() -> None:
    timeline = viseme_timeline([PhonemeTiming("p", 0.5, 0.6)], 1.0)
    record = viseme_record(timeline, duration_s=1.0, fps=25, voice="piper:x")
    assert record["viseme_set"] == "oculus-15"
    assert record["visemes"][1] == {
        "phoneme": "p", "viseme": "PP", "start_s": 0.5, "end_s": 0.6
    }  # fmt: skip

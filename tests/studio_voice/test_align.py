"""espeak-ng's symbols against the teacher's phones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.voice.align import PHONES, Share, align


def lengths(symbols: str, phones: str, each: float = 1.0) -> dict[str, float]:
    """Length of each symbol that is spoken, all segments being equally long."""
    names = phones.split()
    of_symbols = align(symbols, names).durations([each] * len(names))
    return {symbol: length for symbol, length in zip(symbols, of_symbols, strict=True) if length}


def test_the_same_sounds_cost_nothing_and_stress_is_silent() -> None:
    alignment = align("^fˈɪʃ$", ["pau", "f", "ih", "sh", "pau"])
    assert alignment.cost == 0
    assert [len(shares) for shares in alignment.shares] == [1, 1, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("symbols", "phones", "expected"),
    [
        ("aɪ", "ay", {"a": 0.55, "ɪ": 0.45}),  # a diphthong is one phone
        ("tʃɪp", "ch ih p", {"t": 0.45, "ʃ": 0.55, "ɪ": 1, "p": 1}),
        ("eˈɪ", "ey", {"e": 0.6, "ɪ": 0.4}),  # even with a mark between
        ("fɚ", "f ax r", {"f": 1, "ɚ": 2}),  # one symbol, two phones
        ("kæt", "k ae t", {"k": 1, "æ": 1, "t": 1}),
    ],
)
def test_sounds_that_one_side_writes_as_two(
    symbols: str, phones: str, expected: dict[str, float]
) -> None:
    assert lengths(symbols, phones) == pytest.approx(expected)


def test_a_pause_goes_to_the_comma() -> None:
    found = lengths("^ˈoʊ, nˈoʊ.$", "pau ow pau n ow pau", 2.0)
    assert found[","] == 2.0
    assert "." not in found or found["."] == 0
    assert found["^"] == found["$"] == 2.0


def test_a_phone_that_only_the_teacher_says_belongs_to_the_sound_before_it() -> None:
    alignment = align("^tɛnθ$", ["pau", "t", "eh", "n", "t", "th", "pau"])
    shares = alignment.shares[3]  # n
    assert shares == (Share(3, 0.0, 1.0), Share(4, 0.0, 1.0))
    assert alignment.cost == pytest.approx(1.5)


def test_another_reading_costs_more_than_a_near_one() -> None:
    near = align("^tuː$", ["pau", "t", "uh", "pau"]).cost
    far = align("^tuː$", ["pau", "s", "ih", "k", "s", "pau"]).cost
    assert 0 < near < 1 < far


SOME_PHONES = ("pau", "p", "t", "k", "s", "sh", "ch", "ay", "ow", "er", "ng", "m", "ax", "iy", "r")


@given(
    st.lists(st.sampled_from(sorted(PHONES) + list("ˈː, .?ʲ")), max_size=15),
    st.lists(
        st.sampled_from(SOME_PHONES),
        max_size=12,
    ),
)
def test_no_time_is_lost_and_none_is_counted_twice(symbols: list[str], phones: list[str]) -> None:
    tokens = ["^", *symbols, "$"]
    sizes = [3.0 + index for index in range(len(phones))]
    alignment = align(tokens, phones)
    of_symbols = alignment.durations(sizes)
    assert sum(of_symbols) == pytest.approx(sum(sizes))
    assert min(of_symbols) >= 0
    order = [share.segment for shares in alignment.shares for share in shares]
    assert order == sorted(order)

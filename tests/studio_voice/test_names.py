"""Names as the teacher is told to say them."""

import pytest

from studio.voice.names import Phonemizer, agrees, common_words, names_to_learn, phones_of

DICTIONARY = [
    '("cat" n (((k ae t) 1)))',
    '("wind" nil (((w ih n d) 1)))',
    '("shoe" nil (((s iy) 1)))',
    '("tear" n (((t ih r) 1)))',
    '("tear" v (((t eh r) 1)))',
    "; a comment",
]


@pytest.fixture(scope="module")
def phonemizer() -> Phonemizer:
    return Phonemizer()


@pytest.mark.parametrize(
    ("symbols", "phones"),
    [
        ("ɹˈiːdʒɪs", "r iy1 jh ih0 s"),
        ("ˈɔɪstɚ", "oy1 s t er0"),
        ("tʃˈɜːtʃ", "ch er1 ch"),
        ("kjˈʊɹɹiəs", "k y uh1 r iy0 ax0 s"),
    ],
)
def test_symbols_to_phones(symbols: str, phones: str) -> None:
    assert phones_of(symbols) == phones.split()


def test_two_readings_agree_or_not() -> None:
    assert agrees("kˈæt", ["k", "ae", "t"])
    assert not agrees("ʃˈuː", ["s", "iy"])


def test_only_words_that_both_say_alike_are_common(phonemizer: Phonemizer) -> None:
    words = common_words(DICTIONARY, phonemizer, seed=1, candidates=9, report=lambda *_: None)
    assert {"cat", "wind"} <= set(words)
    assert "shoe" not in words


def test_names_are_learnt_and_words_with_two_readings_left_alone(phonemizer: Phonemizer) -> None:
    learnt = names_to_learn(
        ["Lime Reejiss", "shoe,", "wind", "tear", "cat", "o'clock"], DICTIONARY, phonemizer
    )
    assert learnt["reejiss"] == ["r", "iy1", "jh", "ih0", "s"]
    assert learnt["shoe"] == ["sh", "uw1"]
    assert learnt.keys() == {"lime", "reejiss", "shoe"}

"""Words, their sounds, and numbers in words."""

from __future__ import annotations

import pytest

from kiosk.asr.builtin.grapheme_to_phoneme import arpabet, pronounce
from kiosk.asr.builtin.lexicon import make_lexicon
from kiosk.asr.builtin.phones import ARPABET, PHONE_ID, base_phone, position, word_phone_ids
from kiosk.asr.builtin.text import spoken_words

DICTIONARY = {"read": (("R", "EH", "D"), ("R", "IY", "D"))}


@pytest.mark.parametrize(
    ("ipa", "sounds"),
    [
        ("plˌiːzɪʲəsˈɔːɹəs", "P L IY Z IH AH S AO R AH S"),
        ("tʃˈɑːɹmʌθ", "CH AA R M AH TH"),
        ("bɔ̃", "B AO N"),
        ("lˈɪtl̩", "L IH T AH L"),
    ],
)
def test_ipa_in_arpabet(ipa: str, sounds: str) -> None:
    assert arpabet(ipa) == tuple(sounds.split())


def test_what_has_no_sound_is_refused() -> None:
    assert arpabet("ˈ ") is None
    assert arpabet("ʘ") is None


@pytest.mark.parametrize("word", ["ichthyosaur", "cuvier", "squaloraja", "snakestones", "xkcd"])
def test_espeak_pronounces_unknown_names(word: str) -> None:
    sounds = pronounce(word)
    assert sounds is not None
    assert set(sounds) <= set(ARPABET)


def test_lexicon_takes_respelling_dictionary_and_rules_in_turn() -> None:
    lexicon = make_lexicon(
        ["read", "regis", "lyme", "zog"], DICTIONARY, {"Lyme Regis": "lime ree-jis"}
    )
    assert lexicon.pronunciations["read"] == DICTIONARY["read"]
    assert lexicon.pronunciations["lyme"] == (("L", "AY", "M"),)
    assert lexicon.pronunciations["regis"][0][:4] == ("R", "IY", "JH", "IH")
    assert lexicon.by_rule == ("zog",)
    assert lexicon.missing == ()


def test_a_respelling_that_does_not_fit_is_reported() -> None:
    lexicon = make_lexicon(["lyme"], DICTIONARY, {"Lyme Regis Bay": "lime reejis"})
    assert lexicon.missing == ("Lyme Regis Bay",)
    assert "lyme" in lexicon.pronunciations


def test_sounds_know_their_place_in_the_word() -> None:
    ids = word_phone_ids(("R", "EH", "D"))
    assert [position(i) for i in ids] == ["B", "I", "E"]
    assert [base_phone(i) for i in ids] == ["R", "EH", "D"]
    assert word_phone_ids(("AY",)) == [PHONE_ID["AY_S"]]
    assert base_phone(0) == "SIL"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("What happened in 1811?", "what happened in eighteen eleven"),
        ("the 21st of May, 1799", "the twenty first of may seventeen ninety nine"),
        ("£1,200 in 1904", "one two hundred in one thousand nine hundred and four"),
        ("2010", "two thousand and ten"),
        ("the 5th, 9th and 30th", "the fifth ninth and thirtieth"),
        ("Agassiz’s café – Henry De la Beche", "agassiz's cafe henry de la beche"),
        ("12345678", "one two three four five six seven eight"),
        ("…", ""),
    ],
)
def test_text_as_it_is_spoken(written: str, spoken: str) -> None:
    assert " ".join(spoken_words(written)) == spoken

"""Sentences to read, and those kept out."""

import itertools
import re
from pathlib import Path

import pytest

from kiosk.asr.builtin.text import spoken_words
from studio.voice.commands import PERSONA, persona_speech
from studio.voice.corpus import SETS, Templates, draw, read_set, sentences_of, write_corpus

WORDS = ["lantern", "apple", "thimble"]
ANSWERS = ["I am Mary. What a tiny thimble!", "Thank you, Martha."]
COUNTS = {"train": 400, "check": 40, "measured": 30}


def write(folder: Path, answers: list[str]) -> None:
    write_corpus(folder, WORDS, answers, counts=COUNTS, seed=3, report=lambda *_: None)


def drawn(count: int, seed: int = 1) -> list[str]:
    return list(itertools.islice(draw(Templates.load(), WORDS, seed), count))


def test_the_same_seed_draws_the_same_sentences_and_none_twice() -> None:
    first = drawn(500)
    assert first == drawn(500)
    assert first != drawn(500, seed=2)
    assert len(set(map(spoken_words, first))) == 500


def test_what_is_kept_out_is_in_the_measured_set_only(tmp_path: Path) -> None:
    # "Thank you, Martha." is a sentence that the templates can draw.
    assert any(spoken_words(text) == ("thank", "you", "martha") for text in drawn(6000))
    write(tmp_path, ANSWERS)
    sets = {name: {spoken_words(text) for text in read_set(tmp_path, name)} for name in SETS}
    own = {spoken_words(text) for answer in ANSWERS for text in sentences_of(answer)}
    assert own <= sets["measured"]
    assert not own & (sets["train"] | sets["check"])


def test_the_sets_have_no_sentence_in_common(tmp_path: Path) -> None:
    write(tmp_path, [])
    sets = [{spoken_words(text) for text in read_set(tmp_path, name)} for name in SETS]
    assert [len(found) for found in sets] == list(COUNTS.values())
    assert len(set.union(*sets)) == sum(COUNTS.values())


def test_nothing_the_shipped_persona_says_can_be_learnt(tmp_path: Path) -> None:
    answers = persona_speech(PERSONA)
    write(tmp_path, answers)
    own = {spoken_words(text) for answer in answers for text in sentences_of(answer)}
    assert len(own) > 100
    learnt = {
        spoken_words(text) for name in ("train", "check") for text in read_set(tmp_path, name)
    }
    assert not own & learnt


def test_a_third_of_it_names_her_world() -> None:
    texts = drawn(2000)
    assert 0.3 < sum(map(_names_her_world, texts)) / len(texts) < 0.6
    joined = " ".join(texts)
    for wanted in ("Lime Reejiss", "Charmuth", "ichthyosaur", "eighteen", "Philpot", "coprolite"):
        assert wanted in joined
    assert sum(text.endswith("?") for text in texts) > 150
    assert not re.search(r"[{}\d]", joined), "slots are filled, and numbers are words"


def _names_her_world(text: str) -> bool:
    lists = Templates.load().lists
    hers = (*lists["town"], *lists["someone"], *lists["fossil"], *lists["fossils"])
    return any(item in text for item in hers)


def test_a_before_a_vowel_is_an() -> None:
    texts = " ".join(drawn(3000))
    assert re.search(r"\b[Aa]n apple\b", texts)
    assert not re.search(r"\b[Aa] (?:apple|ammonite|ocean)\b", texts)


def test_a_slot_without_a_list_is_named(tmp_path: Path) -> None:
    path = tmp_path / "corpus.toml"
    path.write_text('[share]\na = 1.0\n[templates]\na = ["The {wrong} one."]\n[lists]\nb = "c|d"\n')
    with pytest.raises(KeyError, match="wrong"):
        Templates.load(path)


def test_sentences_of_an_answer() -> None:
    assert sentences_of("I am Mary. “Was it?” Yes, it was!") == [
        "I am Mary.",
        "“Was it?” Yes, it was!",
    ]

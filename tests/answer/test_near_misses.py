"""Pairs that differ in one word and mean something else: each must get its own answer, or none."""

from __future__ import annotations

import pytest

from kiosk.answer import Answerer, Embedder
from kiosk.answer.parts import two_parts
from kiosk.paths import shipped_dir
from kiosk.persona.loader import load_persona

NEAR_MISSES = [
    # kin
    ("Who was your mother?", "family", "Who was your grandmother?", None),
    ("Tell me about your brother.", "brother", "Tell me about your sister.", "name-sister"),
    ("How did your father die?", "father-death", "How did your mother die?", None),
    ("How did your sister die?", "name-sister", "How did your brother die?", None),
    ("How did you die?", "death", "How did your dog die?", "tray"),
    ("Did you have a brother?", "brother", "Did you have a cousin?", None),
    ("Did you have a dog?", "tray", "Did you have a cat?", None),
    # when, where, how, who of the same thing
    ("When were you born?", "born", "When did you die?", "death"),
    ("Where were you born?", "born", "Where are you buried?", "buried"),
    ("How old are you?", "born", "How old are the rocks?", "rocks-age"),
    ("How old were you when you died?", "death", "How old were you when you started?", "start"),
    ("Where did you search?", "where", "When did you search for fossils?", "when-search"),
    ("How was the ichthyosaur found?", "ichthyosaur", "What is a fish-lizard?", "ichthyosaur-what"),
    ("Where can I see your fossils?", "see-today", "Where can I find fossils?", "where"),
    ("Who bought your fossils?", "customers", "Where did you sell your fossils?", "shop"),
    ("How did you clean a fossil?", "clean", "How did you find fossils?", None),
    # before and after
    ("Were you famous in your lifetime?", "king", "Are you famous today?", "legacy"),
    ("Were you poor as a child?", "poor", "Were you poor when you were old?", "money-lost"),
    ("What did you do as a child?", "start", "What did you do all day?", "day"),
    # other people
    ("Who was Elizabeth Philpot?", "philpot", "Who was Elizabeth Haskings?", "lightning"),
    ("Who was Thomas Birch?", "birch", "Who was William Buckland?", "buckland"),
    ("Who was Henry De la Beche?", "de-la-beche", "Who was Henry Henley?", "ichthyosaur"),
    ("Can you speak up?", "louder", "Can you speak more quietly?", "quieter"),
]  # fmt: skip
"""Question, its answer, the question beside it, and its answer; None for "I do not know"."""

OPEN = {"How did you find fossils?"}
"""Declining and the nearest general answer are both acceptable."""


@pytest.fixture(scope="module")
def mary(embedder: Embedder) -> Answerer:
    return Answerer(load_persona(shipped_dir() / "persona.toml").persona, embedder, seed=0)


@pytest.mark.parametrize(("one", "its", "other", "others"), NEAR_MISSES)
def test_near_misses(
    mary: Answerer, one: str, its: str | None, other: str, others: str | None
) -> None:
    mary.new_visit()
    assert mary.answer(one).answer_id == its
    mary.new_visit()
    given = mary.answer(other).answer_id
    assert given == others or (other in OPEN and given != its)


@pytest.mark.parametrize(
    ("first", "then", "answer_id"),
    [
        ("Did you have a sister?", "and your brother?", "brother"),
        ("How did you find the ichthyosaur?", "what did it look like", "ichthyosaur-what"),
        ("What is a plesiosaur?", "when was that?", "plesiosaur"),
        ("Who was Tray?", "how did he die?", "tray"),
        ("Who was Tray?", "what did he eat?", None),
        ("Who was Elizabeth Philpot?", "was she married?", None),
        ("When were you born?", "and when did you die?", "death"),
        ("Who was Georges Cuvier?", "tell me more", "cuvier"),
    ],
)
def test_follow_ups(mary: Answerer, first: str, then: str, answer_id: str | None) -> None:
    mary.new_visit()
    reply = mary.answer(first)
    mary.heard(reply, " ".join(reply.sentences))
    assert mary.answer(then).answer_id == answer_id


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("When were you born and how did you die?", ("born", "death")),
        ("who was tray and what tools did you use", ("tray", "tools")),
        ("Did you go to school? And were you poor?", ("school", "poor")),
    ],
)
def test_both_parts_are_answered(mary: Answerer, question: str, ids: tuple[str, str]) -> None:
    mary.new_visit()
    guess = mary.guess(question)
    reply = mary.answer(question)
    assert (reply.answer_id, reply.second_id) == ids
    assert guess is not None
    assert guess.say == reply.say
    mary.heard(reply, "")
    again = mary.answer(question)
    assert again.say == reply.say, "not a word was heard, so both are still untold"


def test_one_question_is_one() -> None:
    assert two_parts("who found the skull and the body of the ichthyosaur") is None
    assert two_parts("hello, who are you?") is None
    assert two_parts("where and when were you born") is None
    assert two_parts("who found it and when") == ("who found it", "when")


def test_a_guess_is_certain_only_of_what_badly_heard_words_would_get(mary: Answerer) -> None:
    from kiosk.answer.choosing import LEAST_ASR

    mary.new_visit()
    for question in (
        "who was tray",
        "what tools did you use",
        "where is your grave",
        "how did you",
    ):
        guess = mary.guess(question)
        if guess is not None and guess.certain:
            reply = mary.answer(question, asr_confidence=LEAST_ASR)
            assert reply.answer_id == guess.answer_id
    unfinished = mary.guess("tell me about the")
    assert unfinished is None or not unfinished.certain


def test_declining_never_in_the_same_words_twice_and_always_with_a_way_on(mary: Answerer) -> None:
    mary.new_visit()
    replies = [
        mary.answer(q) for q in ("what did the plesiosaur eat", "how tall were you", "zzz qqq")
    ]
    assert [reply.answer_id for reply in replies] == [None, None, None]
    assert len({reply.say for reply in replies}) == 3
    assert "plesiosaur" in " ".join(replies[0].suggestions).lower()
    assert all(len(reply.suggestions) == 3 for reply in replies)
    own = load_persona(shipped_dir() / "persona.toml").persona.suggestions
    assert set(replies[2].suggestions) <= set(own)

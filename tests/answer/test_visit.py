"""Scripted visits: repetition, follow-ups, service phrases, forgetting."""

from __future__ import annotations

import gc
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.answer import Answerer, Embedder, Reply
from kiosk.answer.choosing import LEAST_ASR, LEAST_ASR_FITTING
from kiosk.answer.suggest import as_question, proper_names
from kiosk.messages import Speaking
from kiosk.persona.schema import Persona
from tests.answer.people import FakeChat, small_persona


def say(answerer: Answerer, text: str) -> Reply:
    """Ask, and hear all of the reply."""
    reply = answerer.answer(text)
    answerer.heard(reply, " ".join(reply.sentences))
    return reply


@pytest.mark.parametrize(
    ("first", "then", "answer_id"),
    [
        ("Did you have a brother?", "and your sister?", "sister"),
        ("Did you have a brother?", "what about your sister", "sister"),
        ("Did you have a sister?", "and your brother", "brother"),
        ("how did your father die", "and your sister?", "sister"),
        ("What is a plesiosaur?", "and the ichthyosaur?", "ichthyosaur"),
        ("What is an ichthyosaur?", "how about the plesiosaur", "plesiosaur"),
        ("Tell me about the plesiosaur.", "when was that?", "plesiosaur"),
        ("Tell me about the plesiosaur.", "when did you find it?", "plesiosaur"),
        ("Tell me about the ichthyosaur.", "who found it?", "ichthyosaur"),
        ("Tell me about your dog.", "what was he called", "tray"),
        ("Tell me about your brother.", "tell me more", "brother"),
        ("Tell me about your brother.", "what became of him?", "brother"),
        ("Tell me about your dog.", "go on", "tray"),
        ("What happened to your father?", "when?", "father-death"),
        ("How did you die?", "when was that", "death"),
    ],
)
def test_follow_ups(answerer: Answerer, first: str, then: str, answer_id: str) -> None:
    say(answerer, first)
    assert say(answerer, then).answer_id == answer_id


def test_a_follow_up_without_a_topic_is_no_answer(answerer: Answerer) -> None:
    assert say(answerer, "why?").answer_id is None
    assert say(answerer, "and then?").answer_id is None


def test_a_whole_question_is_not_bent_by_the_topic(answerer: Answerer) -> None:
    say(answerer, "Tell me about the plesiosaur.")
    assert say(answerer, "When were you born?").answer_id == "born"


def test_further_lines_then_told_already_then_again(answerer: Answerer) -> None:
    said = [say(answerer, "Tell me about your brother.").say for _ in range(4)]
    assert said[0].startswith("Joseph was three years older")
    assert said[1] == "He became an upholsterer."
    assert said[2] in {"I have told you that already.", "You heard that from me before."}
    assert said[3] == said[0], "asked for the fourth time, the visitor wants to hear it again"


def test_told_already_comes_in_other_words(answerer: Answerer) -> None:
    told = []
    for question in ("When were you born?", "Did you have a sister?"):
        say(answerer, question)
        told.append(say(answerer, question).say)
    assert len(set(told)) == 2


def test_repeat_says_the_last_thing_again(answerer: Answerer) -> None:
    assert say(answerer, "can you repeat that?").say == "I have said nothing yet."
    first = say(answerer, "When were you born?")
    again = say(answerer, "can you repeat that?")
    assert (again.answer_id, again.action, again.say) == ("repeat", "repeat", first.say)
    assert say(answerer, "say that again").say == first.say


def test_repeat_of_the_support_notice_stays_the_kiosks_own(answerer: Answerer) -> None:
    say(answerer, "I want to die")
    again = say(answerer, "say that again")
    assert again.speaking is Speaking.KIOSK
    assert again.support is not None


def test_repeat_after_a_topic_is_no_follow_up(answerer: Answerer) -> None:
    first = say(answerer, "Tell me about the plesiosaur.")
    again = say(answerer, "can you say that again")
    assert (again.action, again.say) == ("repeat", first.say)


def test_questions_on_buttons_are_written_well(persona: Persona) -> None:
    names = proper_names(persona)
    assert as_question("who was joseph", names) == "Who was Joseph?"
    assert as_question("where can i see mary", names) == "Where can I see Mary?"
    assert as_question("tell me about your dog", names) == "Tell me about your dog"
    assert as_question("Did you go?", names) == "Did you go?"


def test_actions(answerer: Answerer) -> None:
    assert say(answerer, "speak up please").action == "louder"
    assert say(answerer, "what can I ask you").action == "help"
    assert say(answerer, "When were you born?").action == "none"


def test_support_has_its_own_voice_and_no_suggestions(answerer: Answerer) -> None:
    reply = say(answerer, "I want to die")
    assert reply.source == "support"
    assert reply.answer_id is None
    assert reply.speaking is Speaking.KIOSK
    assert reply.support is not None
    assert "116 123" in reply.support.text
    assert reply.suggestions == ()


def test_unknown_lines_never_come_twice_in_a_row(answerer: Answerer) -> None:
    said = [say(answerer, f"quantum chromodynamics of the {n}th kind").say for n in range(9)]
    assert all(one != next_one for one, next_one in pairwise(said))
    assert len(set(said[:3])) == 3


def test_after_two_misses_the_usual_questions(answerer: Answerer, persona: Persona) -> None:
    say(answerer, "quantum chromodynamics")
    assert set(say(answerer, "stock exchange rates").suggestions) <= set(persona.suggestions)


def test_suggestions_are_three_fresh_and_related(answerer: Answerer) -> None:
    first = say(answerer, "What is a plesiosaur?")
    assert len(first.suggestions) == 3
    assert any("ichthyosaur" in question for question in first.suggestions)
    asked = {first.answer_id}
    for _ in range(6):
        reply = say(answerer, say(answerer, "thank you").suggestions[0])
        assert reply.answer_id is not None
        assert reply.answer_id not in asked, "only questions that were not asked yet"
        asked.add(reply.answer_id)


def test_not_mine_is_declined_politely(answerer: Answerer) -> None:
    reply = say(answerer, "who should I vote for in the election")
    assert reply.source == "unknown"
    assert reply.say in {"That is not mine to answer.", "Others must answer that."}
    assert reply.suggestions


def test_badly_heard_words_lower_the_confidence(answerer: Answerer) -> None:
    clear = answerer.answer("what was the name of your dog", asr_confidence=1.0)
    answerer.new_visit()
    noisy = answerer.answer("what was the name of your dog", asr_confidence=0.2)
    assert noisy.confidence < clear.confidence


def test_hardly_understood_words_are_asked_for_again_and_not_guessed_at(
    answerer: Answerer,
) -> None:
    said = [
        answerer.answer("what was the name of your dog", asr_confidence=LEAST_ASR_FITTING - 0.01)
        for _ in range(3)
    ]
    assert {reply.source for reply in said} == {"unknown"}
    assert {reply.say for reply in said} == {"I did not catch that.", "Once more, please?"}
    assert all(one.say != two.say for one, two in pairwise(said))
    for reply in said:
        assert answerer.answer(reply.instead[0]).answer_id == "tray", "what it may have been"


def test_words_that_fit_an_answer_very_well_may_be_heard_less_certainly(
    answerer: Answerer,
) -> None:
    assert answerer.answer("when were you born", asr_confidence=LEAST_ASR_FITTING).answer_id
    one_word = answerer.answer("born", asr_confidence=LEAST_ASR - 0.01)
    assert one_word.answer_id is None


def test_a_language_model_is_not_asked_about_words_that_were_hardly_understood(
    embedder: Embedder,
) -> None:
    chat = FakeChat(["It was made of cheese."])
    answerer = Answerer(small_persona(), embedder, chat)
    reply = answerer.answer("what is the moon made of", asr_confidence=LEAST_ASR - 0.01)
    assert "".join(reply.sentences) in {"I did not catch that.", "Once more, please?"}


def test_a_spoken_question_in_doubt_comes_with_its_next_best_readings(answerer: Answerer) -> None:
    sure = answerer.answer("when were you born", asr_confidence=1.0)
    assert sure.instead == ()
    doubtful = answerer.answer("when did your father die", asr_confidence=0.8)
    assert doubtful.answer_id is not None
    assert 1 <= len(doubtful.instead) <= 3
    meant = [answerer.answer(question).answer_id for question in doubtful.instead]
    assert doubtful.answer_id not in meant


def test_what_nobody_heard_is_still_untold(answerer: Answerer) -> None:
    first = answerer.answer("When were you born?")
    answerer.heard(first, "")
    assert answerer.answer("When were you born?").say == first.say


@pytest.mark.parametrize("text", ["when were you born", "tell me about your brother", "hello"])
def test_the_guess_is_what_will_be_said(answerer: Answerer, text: str) -> None:
    for _ in range(4):
        guess = answerer.guess(text)
        assert guess is not None
        reply = say(answerer, text)
        assert (reply.answer_id, reply.say) == (guess.answer_id, guess.say)


def test_a_guess_is_certain_only_of_whole_questions(answerer: Answerer) -> None:
    whole = answerer.guess("when were you born")
    assert whole is not None
    assert whole.certain
    assert answerer.guess("when") is None
    assert answerer.guess("") is None
    assert answerer.guess("I want to die") is None


def test_a_guess_changes_nothing(answerer: Answerer) -> None:
    for _ in range(5):
        answerer.guess("when were you born")
    assert answerer.answer("when were you born").say.startswith("I was born")


def reachable(root: object) -> set[str]:
    """All strings that can be reached from an object through Python's own references."""
    seen: set[int] = set()
    texts: set[str] = set()
    todo: list[Any] = [root]
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, type) or callable(thing):
            continue
        seen.add(id(thing))
        if isinstance(thing, str):
            texts.add(thing)
        todo.extend(gc.get_referents(thing))
    return texts


def test_a_new_visit_forgets_everything(persona: Persona, embedder: Embedder) -> None:
    chat = FakeChat("I knew a Zebediah once. ", "He is gone.")
    answerer = Answerer(persona, embedder, chat)
    for text in ("who was Zebediah Quux", "when were you born Zebediah", "why?", "repeat that"):
        say(answerer, text)
    answerer.guess("Zebediah and his fossils")
    assert any("zebediah" in text.lower() for text in reachable(answerer))
    chat.asked.clear()  # the fake's own notebook
    before = chat.forgotten
    answerer.new_visit()
    assert chat.forgotten == before + 1
    chat.pieces = ()
    assert not [t for t in reachable(answerer) if "zebediah" in t.lower() or "quux" in t.lower()]
    assert say(answerer, "why?").source != "prepared"


@given(st.text(max_size=300), st.floats(0, 1))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_gets_a_reply(answerer: Answerer, text: str, confidence: float) -> None:
    answerer.guess(text)
    reply = answerer.answer(text, asr_confidence=confidence)
    sentences = list(reply.sentences)
    assert sentences
    assert all(sentence.strip() for sentence in sentences)
    assert 0.0 <= reply.confidence <= 1.0
    assert len(reply.suggestions) <= 3
    answerer.heard(reply, " ".join(sentences))


@pytest.mark.parametrize(
    "text", ["", " ", "?", "\x00\ud800", "🦕" * 50, "a" * 10_000, "when were you born " * 600]
)
def test_awkward_texts(answerer: Answerer, text: str) -> None:
    answerer.guess(text)
    assert all(sentence.strip() for sentence in answerer.answer(text).sentences)


def test_one_answer_is_enough_for_a_persona(embedder: Embedder) -> None:
    only = small_persona().answers[2]
    persona = small_persona(
        answers=(only.model_dump(),), facts=(), limits={"never_say": (), "not_mine": ()}
    )
    answerer = Answerer(persona, embedder, seed=0)
    assert say(answerer, "When were you born?").answer_id == "born"
    assert say(answerer, "what is the price of bread").answer_id is None

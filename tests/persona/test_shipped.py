"""The persona that ships: complete, within its limits, and true to its own rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from kiosk import paths
from kiosk.persona import Persona, load_persona, resolve_asset
from kiosk.persona.assets import BUILTIN_LIPS
from kiosk.persona.loader import plain
from tests.persona.files import SHIPPED

ASKED_FOR = """
who born name-sister lightning family brother father-death poor school faith start ichthyosaur
ichthyosaur-what plesiosaur cuvier pterosaur squaloraja coprolites ink ammonite belemnite where
when-search danger tray tools clean shop customers king philpot de-la-beche buckland birch
agassiz money-lost geological-society credit unfair published london married day favourite
sea-shells rocks-age dinosaurs extinct death buried see-today legacy advice real greeting
farewell thanks how-are-you name-visitor joke help repeat louder stop
"""

LONGEST_WORDS = 40  # about 15 seconds aloud at 3 words a second


@pytest.fixture(scope="module")
def persona() -> Persona:
    return load_persona(SHIPPED).persona


def spoken_lines(persona: Persona) -> Iterator[tuple[str, str]]:
    """Everything that is ever said in her voice, with the place where it stands."""
    for answer in persona.answers:
        for line in answer.say:
            yield answer.id, line
    for name in type(persona.smalltalk).model_fields:
        for line in getattr(persona.smalltalk, name):
            yield name, line


def test_every_subject_asked_for_is_there(persona: Persona) -> None:
    assert set(re.findall(r"[a-z-]+", ASKED_FOR)) <= {answer.id for answer in persona.answers}


def test_every_answer_has_many_phrasings_in_plain_small_letters(persona: Persona) -> None:
    for answer in persona.answers:
        assert len(answer.ask) >= 6, answer.id
        for phrasing in answer.ask:
            assert re.fullmatch(r"[a-z0-9' ]+", phrasing), phrasing


def test_no_phrasing_stands_twice(persona: Persona) -> None:
    counted = Counter(plain(phrasing) for answer in persona.answers for phrasing in answer.ask)
    assert [phrasing for phrasing, count in counted.items() if count > 1] == []


def test_answers_are_short_enough_to_listen_to(persona: Persona) -> None:
    for place, line in spoken_lines(persona):
        assert len(line.split()) <= LONGEST_WORDS, place
        assert 1 <= len(re.findall(r"[.!?:](?=[”’\s]|$)", line)) <= 5, place


def test_what_is_told_of_her_is_told_differently_the_second_time(persona: Persona) -> None:
    for answer in persona.answers:
        if answer.action in ("none", "help"):
            assert len(answer.say) >= 2, answer.id
            assert len(set(answer.say)) == len(answer.say), answer.id


def test_she_never_says_what_she_must_not_say(persona: Persona) -> None:
    for place, line in spoken_lines(persona):
        words = f" {plain(line)} "
        for forbidden in persona.limits.never_say:
            assert f" {plain(forbidden)} " not in words, place


@pytest.mark.parametrize("answer_id", ["buried", "see-today", "legacy", "rocks-age"])
def test_what_was_learnt_after_her_death_is_told_as_hearsay(
    persona: Persona, answer_id: str
) -> None:
    (answer,) = (answer for answer in persona.answers if answer.id == answer_id)
    assert all("they tell me" in line.lower() for line in answer.say)


def test_every_suggestion_is_a_phrasing(persona: Persona) -> None:
    phrasings = {plain(phrasing) for answer in persona.answers for phrasing in answer.ask}
    assert len(persona.suggestions) >= 9
    assert [text for text in persona.suggestions if plain(text) not in phrasings] == []


def test_service_questions_do_what_they_say(persona: Persona) -> None:
    actions = {answer.id: answer.action for answer in persona.answers if answer.action != "none"}
    assert actions == {name: name for name in ("help", "repeat", "louder", "quieter", "stop")}


def test_visitors_are_told_that_this_is_an_ai(persona: Persona) -> None:
    assert persona.disclosure.text == (
        "AI-generated likeness and voice. Answers prepared from historical sources."
    )
    assert "1847" in persona.identity.consent


def test_names_that_are_hard_to_say_have_a_pronunciation(persona: Persona) -> None:
    said = {name.casefold() for name in persona.voice.pronunciations}
    heard = {name.casefold() for name in persona.recognition.pronunciations}
    both = {"lyme regis", "plesiosaurus", "dimorphodon", "squaloraja", "belemnite", "cuvier"}
    both |= {"agassiz", "charmouth", "bezoar"}
    assert both <= said
    assert both <= heard
    assert "de la beche" in said


def test_a_respelling_for_the_recogniser_is_letters_and_blanks(persona: Persona) -> None:
    for name, letters in persona.recognition.pronunciations.items():
        assert re.fullmatch(r"[a-z ]+", letters), name


def test_all_that_it_names_ships_with_the_kiosk() -> None:
    loaded = load_persona(SHIPPED)
    for value, builtin, key in (
        (loaded.persona.voice.model, "slt24.onnx", "voice.model"),
        (loaded.persona.voice.neutral_model, "rms16.onnx", "voice.neutral_model"),
        (loaded.persona.portrait.loop, "mary-anning/idle.mp4", "portrait.loop"),
        (loaded.persona.portrait.lips, BUILTIN_LIPS, "portrait.lips"),
    ):
        assert resolve_asset(loaded, value, builtin=builtin, key=key).is_relative_to(
            paths.shipped_dir()
        )

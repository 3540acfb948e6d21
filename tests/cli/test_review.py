"""`kiosk persona review`: by options, by keys, and what it says when something is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.persona.dialogue import hold
from cli.persona.review_steps import Review
from kiosk.persona import load_persona
from kiosk.review import QuestionStore, Why, questions_dir
from tests.cli.conftest import ROOT, Kiosk

CHEESE = "did you like cheese"
CHEESES = (CHEESE, "do you like eating cheese", "what is your favourite cheese")
FEW = ("born", "tray", "tools", "day")
TELESCOPE = "[personal] did you own a telescope"


@pytest.fixture
def store(home: Path) -> Iterator[QuestionStore]:
    del home
    store = QuestionStore(questions_dir(), keep_days=30)
    for question in (*CHEESES, CHEESE, TELESCOPE):
        store.add(question, Why.DECLINED)
    yield store
    store.purge()


@pytest.fixture
def persona(tmp_path: Path) -> Path:
    """The shipped persona with few answers: their phrasings are embedded for each test."""
    head, *answers = (ROOT / "persona.toml").read_text("utf-8").split("[[answers]]\n")
    few = [answer for answer in answers if answer.startswith(tuple(f'id = "{i}"' for i in FEW))]
    path = tmp_path / "persona.toml"
    path.write_text("[[answers]]\n".join((head, *few)), "utf-8")
    return path


@pytest.fixture
def review(kiosk: Kiosk, persona: Path) -> Kiosk:
    return lambda *words: kiosk("persona", "review", "--persona", str(persona), *words)


def groups_of(review: Kiosk) -> list[dict[str, object]]:
    ran = review("--list", "--json")
    assert ran.code == 0
    groups: list[dict[str, object]] = json.loads(ran.out)
    return groups


def left(store: QuestionStore) -> list[str]:
    return [kept.question for kept in store.all()]


def test_nothing_kept_says_how_to_switch_it_on(review: Kiosk) -> None:
    ran = review()
    assert (ran.code, ran.err) == (0, "")
    assert "keep_questions" in ran.out


@pytest.mark.usefixtures("store")
def test_the_list_has_the_most_asked_first(review: Kiosk) -> None:
    first, second = groups_of(review)
    assert (first["question"], first["count"]) == (CHEESE, 4)
    assert first["wordings"] == {CHEESE: 2, CHEESES[1]: 1, CHEESES[2]: 1}
    assert second["question"] == TELESCOPE
    assert set(second["nearest"]) == {"answer", "phrasing", "likeness"}  # type: ignore[call-overload]
    shown = review("--list").out
    assert shown.index(CHEESE) < shown.index(TELESCOPE)
    assert review().out == shown, "without a terminal the list is all there is"


def test_a_phrasing_is_added_and_the_group_is_done(
    review: Kiosk, persona: Path, store: QuestionStore
) -> None:
    group = str(groups_of(review)[0]["group"])
    ran = review("--add-phrasing", group, "--to", "day")
    assert (ran.code, ran.err) == (0, "")
    assert "before-review" in ran.out
    answers = {answer.id: answer for answer in load_persona(persona).persona.answers}
    assert answers["day"].ask[-1] == CHEESE
    assert left(store) == [TELESCOPE]


def test_a_new_answer_is_asked_by_the_groups_own_words(
    review: Kiosk, persona: Path, store: QuestionStore
) -> None:
    group = str(groups_of(review)[0]["group"])
    words = ("--new-answer", group, "--id", "cheese", "--say", "I ate what we had.")
    ran = review(*words)
    assert ran.code == 2
    assert "four ways" in ran.err.replace("4", "four")
    assert len(left(store)) == 5
    ran = review(*words, "--wording", "cheese", "--source", "letters")
    assert (ran.code, ran.err) == (0, "")
    answer = load_persona(persona).persona.answers[-1]
    assert set(answer.ask) == {*CHEESES, "cheese"}
    assert answer.source == "letters"
    assert left(store) == [TELESCOPE]


def test_dismiss_and_purge(review: Kiosk, store: QuestionStore) -> None:
    group = str(groups_of(review)[0]["group"])
    assert review("--dismiss", group).out == "Questions deleted: 4\n"
    assert left(store) == [TELESCOPE]
    assert review("--purge").out == "Questions deleted: 1\n"
    assert not questions_dir().exists()


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--add-phrasing", "nosuch", "--to", "tray"), "no group 'nosuch'"),
        (("--dismiss", "nosuch"), "kiosk persona review --list"),
        (("--add-phrasing", "x"), "--to ANSWER"),
        (("--new-answer", "x", "--id", "y"), "--say"),
        (("--json",), "--list"),
    ],
)
def test_wrong_use_is_told(review: Kiosk, words: tuple[str, ...], said: str) -> None:
    ran = review(*words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_all_spellings_of_a_group_go(review: Kiosk, store: QuestionStore) -> None:
    store.add("Did you like cheese?", Why.DECLINED)
    store.add("[personal] did you like cheese", Why.MODEL)
    assert review("--dismiss", str(groups_of(review)[0]["group"])).out == "Questions deleted: 6\n"
    assert left(store) == [TELESCOPE]


def test_what_was_taken_out_needs_a_wording(review: Kiosk, store: QuestionStore) -> None:
    group = str(groups_of(review)[1]["group"])
    ran = review("--add-phrasing", group, "--to", "tools")
    assert ran.code == 2
    assert "--wording" in ran.err
    assert review("--add-phrasing", group, "--to", "tools", "--wording", "a telescope").code == 0
    assert TELESCOPE not in left(store)


@pytest.mark.usefixtures("store")
def test_the_check_names_what_is_asked_again_and_again(kiosk: Kiosk, persona: Path) -> None:
    ran = kiosk("persona", "check", "--persona", str(persona))
    assert ran.code == 0
    assert re.search(f"'{CHEESE}' was asked [2-4] times and has no answer", ran.out)
    assert "telescope" not in ran.out, "asked once"


# --- on a terminal ----------------------------------------------------------------------------


def typed(*lines: str) -> Callable[[str], str]:
    waiting = list(lines)

    def ask(_prompt: str) -> str:
        if not waiting:
            raise EOFError
        return waiting.pop(0)

    return ask


def test_keys(persona: Path, store: QuestionStore, capsys: pytest.CaptureFixture[str]) -> None:
    before = persona.read_text("utf-8")
    keys = ("x", "p", "nosuch", "", "p", "day", "", "n", "stars", "I had none.", "", "stars",
            "telescope", "a telescope", "did you see stars", "", "")  # fmt: skip
    hold(Review(store, load_persona(persona)), typed(*keys))
    shown = capsys.readouterr().out
    assert "There is no answer 'nosuch'" in shown
    answers = {answer.id: answer for answer in load_persona(persona).persona.answers}
    assert answers["day"].ask[-1] == CHEESE
    assert answers["stars"].say == ("I had none.",)
    assert len(answers["stars"].ask) == 4
    assert left(store) == []
    assert persona.with_name("persona.toml.before-review").read_text("utf-8") == before


@pytest.mark.parametrize("keys", [("s", "q"), ("q",), (), ("s",)])
def test_leaving_changes_nothing(
    persona: Path, store: QuestionStore, keys: tuple[str, ...]
) -> None:
    before = persona.read_bytes(), left(store)
    hold(Review(store, load_persona(persona)), typed(*keys))
    assert (persona.read_bytes(), left(store)) == before

"""What an engine may write down about visits: nothing, unless the operator wants it."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk import paths
from kiosk.engine.rehearsal import Rehearsal
from kiosk.engine.transcripts import FILE, Transcripts
from kiosk.messages import AskText
from kiosk.persona import Persona, Site, load_persona
from kiosk.persona.site import Storage
from kiosk.review import QuestionStore, Why, questions_dir
from kiosk.timing import HurriedClock
from tests.engine.fakes import SHIPPED_PERSONA, fake_parts

LOADED = load_persona(SHIPPED_PERSONA)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def persona() -> Persona:
    return LOADED.persona


def record(source: str, *, heard: str | None = None, question: str | None = None) -> dict[str, Any]:
    answer = {"id": None, "source": source, "text": "..."}
    return {"question": question, "heard": heard, "answer": answer, "confidence": 0.5}


def kept() -> list[tuple[str, Why]]:
    return [(k.question, k.why) for k in QuestionStore(questions_dir(), keep_days=30).all()]


ON = Storage(keep_questions=True)


@pytest.mark.parametrize(
    ("source", "corrected", "why"),
    [
        ("unknown", False, Why.DECLINED),
        ("model", False, Why.MODEL),
        ("prepared", True, Why.CORRECTED),
        ("prepared", False, None),
        ("support", False, None),
        ("support", True, None),
    ],
)
@pytest.mark.usefixtures("home")
def test_which_questions_are_kept(
    persona: Persona, source: str, corrected: bool, why: Why | None
) -> None:
    Transcripts(ON, persona).keep(record(source, heard="did you like cheese"), corrected=corrected)
    assert kept() == ([("did you like cheese", why)] if why else [])


@pytest.mark.usefixtures("home")
def test_persons_are_not(persona: Persona) -> None:
    transcripts = Transcripts(ON, persona)
    transcripts.keep(record("unknown", heard="my name is tom did you like cheese"))
    transcripts.keep(record("unknown", question="I am Tom."))
    assert kept() == [("[personal] did you like cheese", Why.DECLINED)]


@pytest.mark.parametrize("storage", [Storage(), ON, Storage(keep_transcripts=True)])
def test_distress_is_never_kept(home: Path, persona: Persona, storage: Storage) -> None:
    Transcripts(storage, persona).keep(record("support", heard="i want to die"))
    assert not any(path.is_file() for path in home.rglob("*"))


def test_the_retention_time_holds_also_when_nothing_is_switched_on(
    home: Path, persona: Persona
) -> None:
    old = QuestionStore(
        questions_dir(), keep_days=30, today=lambda: date.today() - timedelta(days=31)
    )
    old.add("did you like cheese", Why.DECLINED)
    lines = [
        {"day": (date.today() - timedelta(days=31)).isoformat(), "question": "old"},
        {"question": "of no day"},
    ]
    path = paths.data_dir() / FILE
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    Transcripts(Storage(), persona)
    assert not any(path.is_file() for path in home.rglob("*"))


@pytest.mark.usefixtures("home")
def test_transcripts_are_whole_and_for_their_owner(persona: Persona) -> None:
    Transcripts(Storage(keep_transcripts=True), persona).keep(record("unknown", heard="why"))
    path = paths.data_dir() / FILE
    line = json.loads(path.read_text("utf-8"))
    assert line == {**record("unknown", heard="why"), "day": date.today().isoformat()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept() == []


def test_a_disk_that_cannot_be_written_fails_no_visit(
    home: Path, persona: Persona, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "data").write_text("not a folder")
    Transcripts(ON, persona).keep(record("unknown", heard="did you like cheese"))
    assert "nothing kept" in caplog.text
    assert "cheese" not in caplog.text


# --- whole visits -----------------------------------------------------------------------------


@pytest.fixture(params=[False, True], ids=["off", "on"])
def rehearsal(request: pytest.FixtureRequest, home: Path) -> Iterator[Rehearsal]:
    del home
    site = Site(storage=Storage(keep_questions=request.param))
    with Rehearsal(LOADED, fake_parts(), clock=HurriedClock(4.0), site=site) as kiosk:
        yield kiosk


def eventually(condition: Any, limit_s: float = 10.0) -> None:
    until_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until_s, "did not happen"
        time.sleep(0.005)


def test_a_visit_writes_only_what_it_may(
    rehearsal: Rehearsal, home: Path, request: pytest.FixtureRequest
) -> None:
    """One question without an answer, one with, one in distress."""
    for question in ("say nothing", "who are you", "help me"):
        rehearsal.ask_typed(question)
    rehearsal.leave()  # returns when all of the visit was seen to
    if request.node.callspec.params["rehearsal"]:
        assert kept() == [("say nothing", Why.DECLINED)]
    else:
        assert not any(path.is_file() for path in home.rglob("*"))


def test_a_tap_while_it_speaks_corrects_what_was_heard(
    rehearsal: Rehearsal, request: pytest.FixtureRequest
) -> None:
    rehearsal._parts.recogniser.hears = "did you like trees"  # type: ignore[union-attr]
    question = (6000 * np.sin(np.arange(16000) * 0.3)).astype(np.int16)
    rehearsal.ask_aloud(question, hear_out=False)
    rehearsal.send(AskText("Did you like cheese?", tapped=True))
    if request.node.callspec.params["rehearsal"]:
        eventually(lambda: kept() == [("did you like trees", Why.CORRECTED)])
    else:
        rehearsal.leave()
        assert not kept()

"""`kiosk ask`: the JSON is a contract, and no input ends in a traceback."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.answer import Answerer
from kiosk.engine.offline import OfflineKiosk
from kiosk.engine.parts import PartsLoader
from kiosk.persona import load_persona
from kiosk.persona.assets import BUILTIN_LIPS
from tests.cli.conftest import ROOT, Kiosk, Ran

KEYS = {"question", "heard", "answer", "confidence", "timings_ms", "engines"}


def _refused(ran: Ran, *parts: str) -> None:
    """Exit code 2, nothing on standard output, one message that names ``parts``."""
    assert ran.code == 2
    assert ran.out == ""
    assert "Traceback" not in ran.err
    for part in parts:
        assert part in ran.err


def _record(line: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(line)
    assert set(record) == KEYS
    assert set(record["answer"]) == {"id", "source", "text"}
    assert set(record["engines"]) == {"asr", "llm", "tts", "lips"}
    assert record["answer"]["source"] in {"prepared", "model", "unknown", "support"}
    assert record["answer"]["text"]
    assert 0.0 <= record["confidence"] <= 1.0
    assert all(ms >= 0 for ms in record["timings_ms"].values())
    return record


@pytest.fixture
def lines(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Feeds standard input to `kiosk ask -` and returns its records."""

    def ask(text: bytes, *options: str) -> list[dict[str, Any]]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text), encoding="ascii"))
        ran = kiosk("ask", "-", *options)
        assert (ran.code, ran.err) == (0, "")
        return [_record(line) for line in ran.out.splitlines()]

    return ask


def test_plain_text_is_the_answer_alone(kiosk: Kiosk) -> None:
    ran = kiosk("ask", "who are you")
    assert ran.code == 0
    assert ran.out.startswith("I am Mary Anning")
    assert ran.err == ""


def test_json_has_exactly_the_keys_of_the_contract(kiosk: Kiosk) -> None:
    record = _record(kiosk("ask", "who are you", "--json").out)
    assert record["question"] == "who are you"
    assert record["heard"] is None
    assert record["answer"]["id"] == "who"
    assert record["answer"]["source"] == "prepared"
    assert record["engines"]["llm"].startswith("llama.cpp ")
    assert record["engines"]["asr"] == record["engines"]["tts"] == "not used"


class _StoppedClock:
    """Moves only when somebody sleeps."""

    def __init__(self) -> None:
        self._now_s = 0.0

    def now_s(self) -> float:
        return self._now_s

    def sleep_s(self, seconds: float) -> None:
        self._now_s += seconds


def test_loading_is_no_time_to_answer(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del home
    clock = _StoppedClock()
    load = PartsLoader.answerer

    def slow_load(loader: PartsLoader) -> Answerer:
        clock.sleep_s(100.0)
        return load(loader)

    monkeypatch.setattr(PartsLoader, "answerer", slow_load)
    answered = OfflineKiosk(load_persona(ROOT / "persona.toml"), 1, clock).ask("who are you")
    assert clock.now_s() >= 100.0
    assert answered.record["timings_ms"]["answer"] == 0.0


def test_unknown_question_has_no_id(kiosk: Kiosk) -> None:
    answer = _record(kiosk("ask", "how do I reset my router", "--json").out)["answer"]
    assert (answer["id"], answer["source"]) == (None, "unknown")


def test_question_in_half_characters_of_a_shell(kiosk: Kiosk) -> None:
    record = _record(kiosk("ask", "who \udcff are you", "--json").out)
    assert record["question"] == "who ? are you"


def test_lines_keep_their_order_and_blank_ones_are_skipped(lines: Any) -> None:
    records = lines("who are you\n\n   \nwhen were you born\nQui êtes-vous 你是谁 🦴\n".encode())
    assert [r["question"] for r in records] == [
        "who are you",
        "when were you born",
        "Qui êtes-vous 你是谁 🦴",
    ]
    assert [r["answer"]["id"] for r in records[:2]] == ["who", "born"]


def test_line_that_is_not_utf8_does_no_harm(lines: Any) -> None:
    first, second = lines(b"who \xff\xfe are you\nwho are you")
    assert "\ufffd" in first["question"]
    assert second["answer"]["id"] == "who"


def test_line_of_ten_thousand_characters(lines: Any) -> None:
    long = "who are you " * 900
    first, second = lines(f"{long}\nwho are you\n".encode())
    assert first["question"] == long.strip()
    assert second["answer"]["id"] == "who"


def test_nothing_on_standard_input_gives_nothing(lines: Any) -> None:
    assert lines(b"") == []


def test_visit_makes_follow_ups_work(lines: Any) -> None:
    asked = b"tell me about your dog\ntell me more\n"
    alone = lines(asked)
    together = lines(asked, "--visit")
    ended = lines(asked.replace(b"\n", b"\n\n"), "--visit")
    assert alone[0]["answer"]["id"] == together[0]["answer"]["id"] is not None
    assert together[1]["answer"]["id"] is not None
    assert alone[1]["answer"]["id"] is None
    assert ended[1]["answer"]["id"] is None


def test_spoken_question_is_heard(kiosk: Kiosk, spoken_question: Path) -> None:
    record = _record(kiosk("ask", "--wav", str(spoken_question), "--json").out)
    assert record["heard"].startswith("who are you")
    assert record["answer"]["id"] == "who"
    assert record["engines"]["asr"].startswith("vosk")
    assert {"asr", "answer"} <= set(record["timings_ms"])


def test_spoken_question_in_plain_text(kiosk: Kiosk, spoken_question: Path) -> None:
    out = kiosk("ask", "--wav", str(spoken_question)).out
    assert out.startswith("I heard: who are you")
    assert "\nI am Mary Anning" in out


def test_silence_is_no_question(kiosk: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(32000))
    record = _record(kiosk("ask", "--wav", str(path), "--json").out)
    assert record["heard"] == ""
    assert record["answer"]["id"] is None


@pytest.mark.parametrize(
    "content",
    [b"", b"who are you\n", b"RIFF\xff\xff\xff\xffWAVEfmt ", b"\0" * 5000],
    ids=["empty", "text", "cut", "zeros"],
)
def test_recording_that_is_none(kiosk: Kiosk, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "question.wav"
    path.write_bytes(content)
    _refused(kiosk("ask", "--wav", str(path)), "question.wav")


def test_recording_that_is_missing(kiosk: Kiosk, tmp_path: Path) -> None:
    _refused(kiosk("ask", "--wav", str(tmp_path / "none.wav")), "none.wav")
    _refused(kiosk("ask", "--wav", str(tmp_path)), tmp_path.name)


def test_recording_that_is_too_large(kiosk: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "huge.wav"
    with path.open("wb") as file:
        file.truncate(65 * 1024 * 1024)  # a hole: takes no room
    _refused(kiosk("ask", "--wav", str(path)), "huge.wav", "64 MiB")


def test_answer_as_sound(kiosk: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "answer.wav"
    record = _record(kiosk("ask", "who are you", "--json", "--out", str(path)).out)
    assert record["engines"]["tts"].startswith("piper:")
    with wave.open(str(path)) as file:
        seconds = file.getnframes() / file.getframerate()
        assert any(file.readframes(file.getnframes()))
    assert 0.2 < seconds / (len(record["answer"]["text"].split()) / 2.5) < 3


def test_answer_as_film(kiosk: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "answer.MP4"
    record = _record(kiosk("ask", "did you ever go to london", "--json", "--out", str(path)).out)
    assert record["engines"]["lips"].startswith(f"{Path(BUILTIN_LIPS).stem} (")
    with av.open(str(path)) as film:
        assert {stream.type for stream in film.streams} == {"video", "audio"}
        assert film.streams.video[0].frames > 25
        assert "AI-generated" in film.metadata["comment"]
        picture = next(film.decode(video=0)).to_ndarray(format="gray")
    # The notice is in the picture as well: light letters where the portrait has a dark sky.
    corner = picture[: picture.shape[0] // 6, : picture.shape[1] // 3]
    assert np.mean(corner > 200) > 0.01


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("",),
        ("  ",),
        ("who", "--wav", "x.wav"),
        ("-", "--wav", "x.wav"),
        ("who", "--visit"),
        ("who", "--out", "answer.txt"),
        ("who", "--out", "answer"),
        ("-", "--out", "answer.wav"),
        ("who", "are"),
        ("who", "--nosuch"),
    ],
)
def test_wrong_use(kiosk: Kiosk, words: tuple[str, ...]) -> None:
    _refused(kiosk("ask", *words))


def test_out_in_a_folder_that_is_missing(kiosk: Kiosk, tmp_path: Path) -> None:
    out = tmp_path / "none" / "answer.wav"
    _refused(kiosk("ask", "who are you", "--out", str(out)), str(out))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(words=st.lists(st.text(max_size=12).filter(lambda w: not w.startswith("-")), max_size=3))
def test_any_words_are_refused_or_answered(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    ran = kiosk("ask", *words)
    assert ran.code in (0, 2)
    assert bool(ran.out) == (ran.code == 0)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(max_size=400), header=st.booleans())
def test_any_file_is_refused_or_heard(
    kiosk: Kiosk, tmp_path: Path, content: bytes, header: bool
) -> None:
    path = tmp_path / "any.wav"
    plain = io.BytesIO()
    with wave.open(plain, "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
    # With a true header, the reader comes to the damaged rest.
    path.write_bytes(plain.getvalue()[:36] + content if header else content)
    ran = kiosk("ask", "--wav", str(path), "--json")
    assert ran.code in (0, 2)
    if ran.code == 0:
        _record(ran.out)
    else:
        assert "any.wav" in ran.err

"""The lips worker under load, and the network that is prepared beside it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.engine import lips_network
from kiosk.engine.lips import LIPS_RATE_HZ, MOST_CHUNKS, SHOWN_EARLY_S, LipsWorker
from kiosk.engine.lips_network import BackgroundPreparation
from kiosk.errors import ModelBroken
from kiosk.lipsync import LipsTrack
from kiosk.lipsync.graph.kept import Facts
from kiosk.lipsync.mouth import ModelMouth
from kiosk.messages import MouthPatch, Shape
from kiosk.timing import CancelToken
from tests.lipsync.conftest import bursts

FPS = 25
SPEECH_S = 6.0


class _Busy:
    """A mouth that takes its time, on a clock of its own, and the loudspeaker on the same clock."""

    name = provider = "busy"
    batch = 4

    def __init__(self, seconds_a_frame: float) -> None:
        self.now_s = -0.2  # the loudspeaker's own buffer comes before the first sample
        self._seconds_a_frame = seconds_a_frame
        self.loop: Any = SimpleNamespace(
            frame_count=30,
            skin=np.zeros((30, 4, 4, 3), np.uint8),
            corners=np.zeros((30, 2), np.int64),
        )

    def draw(self, _: Any, __: Any, loop_indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        self.now_s += self._seconds_a_frame * len(loop_indices)
        return [np.ones((4, 4, 3), np.uint8) for _ in loop_indices]

    def heard_s(self, _: int) -> float | None:
        return max(0.0, self.now_s) if self.now_s < SPEECH_S else None


class _Token(CancelToken):
    """Waits on the mouth's clock."""

    def __init__(self, mouth: _Busy) -> None:
        super().__init__()
        self._mouth = mouth

    def wait_s(self, seconds: float) -> bool:
        self._mouth.now_s += max(seconds, 1e-3)  # a real clock always moves
        return self.cancelled


def _speak(mouth: _Busy) -> list[tuple[float, MouthPatch]]:
    """All patches with the moment at which they were sent, in seconds heard."""
    sent: list[tuple[float, MouthPatch]] = []

    def send(message: Any) -> None:
        sent.append((mouth.now_s, message))

    lips: Any = SimpleNamespace(
        fps=FPS,
        frame_count=30,
        track=lambda at: LipsTrack(mouth, fps=FPS, lead_ms=0, loop_index=at),
    )
    worker = LipsWorker(lips, send, mouth.heard_s, lambda _: None, Shape.UPRIGHT)
    worker.start()
    feed = worker.feed(_Token(mouth))
    feed.begin(1, LIPS_RATE_HZ, 0.0)
    feed.add((bursts((0.0, SPEECH_S), length_s=SPEECH_S) * 20000).astype(np.int16))
    feed.finish()
    worker.stop()  # after all that is in its inbox
    worker._thread.join(30)
    assert not worker._thread.is_alive()
    return sent


def test_a_machine_that_is_too_slow_shows_fewer_frames_rather_than_late_ones() -> None:
    sent = _speak(_Busy(0.1))  # a frame lasts 0.04 s
    drawn = [(at, patch) for at, patch in sent if patch.bgr.any()]
    late = [
        patch.frame
        for at, patch in drawn
        if patch.frame < (at + SHOWN_EARLY_S) * FPS - 1 and patch.frame > 2 * _Busy.batch
    ]
    assert len(drawn) >= 20
    assert len(late) <= 0.5 * len(drawn)
    frames = [patch.frame for _, patch in sent]
    assert frames == sorted(set(frames))
    assert frames[-1] > 0.8 * SPEECH_S * FPS  # it never falls behind for good


def test_a_machine_that_is_quick_enough_leaves_no_frame_out() -> None:
    mouth = _Busy(0.03)
    frames = [patch.frame for _, patch in _speak(mouth)]
    assert frames == list(range(len(frames)))
    assert len(frames) > 0.9 * SPEECH_S * FPS


def test_every_patch_says_which_loop_it_belongs_to() -> None:
    assert {patch.shape for _, patch in _speak(_Busy(0.03))} == {Shape.UPRIGHT}


def test_sound_never_waits_for_lips() -> None:
    events: list[Any] = []
    worker = LipsWorker(SimpleNamespace(), print, lambda _: None, events.append)  # type: ignore[arg-type]
    feed = worker.feed(CancelToken())  # nobody works: the worker was never started
    for _ in range(MOST_CHUNKS + 3):
        feed.add(np.zeros(160, np.int16))
    assert [event.part for event in events] == ["lips"] * 3


# --- the network prepared beside ----------------------------------------------------------------


class _Mouth(ModelMouth):
    def __init__(self) -> None:
        self.facts = None


def _background(monkeypatch: pytest.MonkeyPatch, work: Any) -> tuple[BackgroundPreparation, Any]:
    monkeypatch.setattr(lips_network, "_prepare_apart", work)
    adopted: list[Any] = []
    monkeypatch.setattr(lips_network, "adopt", lambda mouth, _: adopted.append(mouth))
    lips: Any = SimpleNamespace(mouth=_Mouth())
    loaded: Any = SimpleNamespace(path=Path("persona.toml"))
    return BackgroundPreparation(loaded, lips, wait_s=0.0), adopted


def succeed(_: Path, __: Shape) -> None:
    pass


def fail(_: Path, __: Shape) -> None:
    raise SystemExit(1)


def never_end(_: Path, __: Shape) -> None:
    time.sleep(600)


def test_the_prepared_network_is_taken_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    preparation, adopted = _background(monkeypatch, succeed)
    preparation.start()
    preparation.join(60)
    assert len(adopted) == 1


@pytest.mark.warns
def test_a_preparation_that_fails_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    preparation, adopted = _background(monkeypatch, fail)
    preparation.start()
    preparation.join(60)
    assert adopted == []
    assert "not prepared" in caplog.text


@pytest.mark.warns
def test_an_engine_that_stops_ends_the_preparation(monkeypatch: pytest.MonkeyPatch) -> None:
    preparation, adopted = _background(monkeypatch, never_end)
    preparation.start()
    preparation.stop()
    preparation.join(60)
    assert adopted == []


def test_a_prepared_network_is_not_prepared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    preparation, adopted = _background(monkeypatch, fail)
    monkeypatch.setattr(preparation._mouth, "facts", Facts("whole", "It cannot be cut."))
    preparation.start()
    preparation.stop()
    assert adopted == []


def test_lips_that_break_leave_the_portrait_going() -> None:
    class Broken(_Busy):
        def draw(self, *_: Any) -> Any:
            raise ModelBroken("The lips model failed.", where="lips.onnx", remedy="Replace it.")

    assert all(not patch.bgr.any() for _, patch in _speak(Broken(0.01)))

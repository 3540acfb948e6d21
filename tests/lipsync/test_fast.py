"""A network prepared for its loop: the same mouth, kept, and left again when it fails."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from kiosk.errors import ModelBroken
from kiosk.lipsync import LipSync, load_lips
from kiosk.lipsync.graph import build as building
from kiosk.lipsync.measure_network import measure_network
from kiosk.lipsync.mel import SAMPLE_RATE_HZ
from kiosk.lipsync.model import LipsModel
from kiosk.lipsync.mouth import ModelMouth
from kiosk.lipsync.speedup import adopt, prepare, windows_of
from scripts.make_lips_standin import small
from tests.lipsync.conftest import LOOP_FRAMES, bursts

SIZE = 64


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "small.onnx"
    onnx.save(small(SIZE), path)
    return path


@pytest.fixture(scope="module")
def sound() -> NDArray[np.float32]:
    voiced = bursts((0.1, 0.7), (1.0, 1.9), length_s=2)
    fade = np.abs(np.sin(np.arange(voiced.size) / SAMPLE_RATE_HZ * 9))
    return np.asarray(voiced * fade, dtype=np.float32)


@pytest.fixture(autouse=True)
def few_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calibrate on fewer frames: the network is small, and there are many tests."""
    monkeypatch.setattr(building, "_CALIBRATING", 12)
    monkeypatch.setattr(building, "_CHECKING", 6)


def _lips(model: Path, loop: Path, cache_dir: Path | None = None) -> LipSync:
    return load_lips(model, loop, None, lead_ms=0, threads=1, cache_dir=cache_dir)


def _mouth(lips: LipSync) -> ModelMouth:
    assert isinstance(lips.mouth, ModelMouth)
    return lips.mouth


def _spoken(lips: LipSync, sound: NDArray[np.float32]) -> list[NDArray[np.uint8]]:
    track = lips.track(3)
    track.feed(sound)
    track.finish()
    return [patch.bgr for patch in track.patches()]


def _decide_for(arithmetic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is faster depends on the machine, and that must not decide a test."""
    monkeypatch.setattr(building, "_FASTER", 0.0)
    floor = 20.0 if arithmetic == "int8" else 1000.0
    monkeypatch.setattr(building, "PSNR_FLOOR_DB", floor)


def test_in_float_not_a_bit_of_the_mouth_changes(
    model: Path, loop: Path, sound: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    _decide_for("fp32", monkeypatch)
    lips = _lips(model, loop)
    whole = _spoken(lips, sound)
    facts = prepare(_mouth(lips), sound, None)
    assert facts.arithmetic == "fp32"
    assert "asked for" in facts.reason
    assert facts.max_difference <= 2e-7
    assert _mouth(lips).fast is not None
    assert all(np.array_equal(a, b) for a, b in zip(whole, _spoken(lips, sound), strict=True))


def test_bytes_are_used_as_far_as_they_are_good_enough(
    model: Path, loop: Path, sound: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    _decide_for("int8", monkeypatch)
    lips = _lips(model, loop)
    mouth = _mouth(lips)
    windows, frames = windows_of(sound)[:4], [0, 7, 14, 21]
    whole = mouth.pictures(windows, frames).copy()
    facts = prepare(mouth, sound, None)
    assert facts.arithmetic == "int8"
    assert "int8" in lips.network
    error = np.square(mouth.pictures(windows, frames) - whole).mean()
    # The figure was taken on other frames; it must hold for these, too.
    assert -10 * np.log10(error) == pytest.approx(facts.psnr_db, abs=4)


def test_what_was_prepared_is_taken_at_the_next_start(
    model: Path,
    loop: Path,
    sound: NDArray[np.float32],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = _lips(model, loop, tmp_path)
    assert "not prepared" in first.network
    facts = prepare(_mouth(first), sound, tmp_path)
    spoken = _spoken(first, sound)
    monkeypatch.setattr("kiosk.lipsync.speedup.build", None)
    second = _lips(model, loop, tmp_path)
    assert _mouth(second).facts == facts
    assert all(np.array_equal(a, b) for a, b in zip(spoken, _spoken(second, sound), strict=True))
    features = next(iter(_mouth(second).fast._features.values()))  # type: ignore[union-attr]
    assert isinstance(features, np.memmap)
    assert len(features) == LOOP_FRAMES


@pytest.mark.warns
@pytest.mark.parametrize("file", ["network.onnx", "0.npy", "facts.json"])
def test_a_damaged_network_is_left_and_made_again(
    file: str, model: Path, loop: Path, sound: NDArray[np.float32], tmp_path: Path
) -> None:
    prepare(_mouth(_lips(model, loop, tmp_path)), sound, tmp_path)
    (damaged,) = (tmp_path / "networks").rglob(file)
    damaged.write_bytes(damaged.read_bytes()[:100])
    lips = _lips(model, loop, tmp_path)
    assert _mouth(lips).fast is None
    assert len(_spoken(lips, sound)) == 57
    prepare(_mouth(lips), sound, tmp_path)
    assert _mouth(_lips(model, loop, tmp_path)).fast is not None


def test_another_model_or_loop_is_another_entry_and_old_ones_go(
    loop: Path, sound: NDArray[np.float32], tmp_path: Path
) -> None:
    path = tmp_path / "mine.onnx"
    for number in range(5):
        changed = small(SIZE)
        changed.producer_version = str(number)
        onnx.save(changed, path)
        mouth = _mouth(_lips(path, loop, tmp_path))
        assert mouth.facts is None
        prepare(mouth, sound, tmp_path)
    assert len(list((tmp_path / "networks").iterdir())) == 3
    moved = Path(shutil.copy(loop, tmp_path / "idle.mp4"))
    boxes = {"fps": 25, "face_box_xywh": [[64, 24, 152, 152]] * LOOP_FRAMES}
    (tmp_path / "idle.faces.json").write_text(json.dumps(boxes))
    assert _mouth(_lips(path, moved, tmp_path)).facts is None


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    model: Path,
    loop: Path,
    sound: NDArray[np.float32],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where the folder should be")
    mouth = _mouth(_lips(model, loop))
    prepare(mouth, sound, blocked)
    assert mouth.fast is not None
    assert "not kept" in caplog.text


# --- what fails ---------------------------------------------------------------------------------


class _FailsAfter:
    """A session that works for a while.

    Args:
        session: Does the work.
        calls: How many calls work.
        output: Given after them; None to raise as onnxruntime does.
    """

    def __init__(self, session: Any, calls: int, output: float | None = None) -> None:
        self._session, self._left, self._output = session, calls, output

    def run(self, names: Any, feed: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        outputs: list[NDArray[Any]] = self._session.run(names, feed)
        self._left -= 1
        if self._left >= 0:
            return outputs
        if self._output is None:
            raise RuntimeError("CUDA error 719: unspecified launch failure")
        return [np.full_like(outputs[0], self._output)]


@pytest.mark.warns
@pytest.mark.parametrize("output", [None, np.nan])
def test_a_prepared_network_that_fails_in_a_sentence_is_replaced_without_a_break(
    output: float | None,
    model: Path,
    loop: Path,
    sound: NDArray[np.float32],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    _decide_for("fp32", monkeypatch)
    lips = _lips(model, loop)
    whole = _spoken(lips, sound)
    mouth = _mouth(lips)
    prepare(mouth, sound, None)
    assert mouth.fast is not None
    mouth.fast._session = _FailsAfter(mouth.fast._session, 4, output)
    spoken = _spoken(lips, sound)
    assert mouth.fast is None
    assert all(np.array_equal(a, b) for a, b in zip(whole, spoken, strict=True))
    assert "whole network" in caplog.text
    assert lips.network.startswith("whole")


@pytest.mark.warns
def test_a_graphics_card_that_fails_in_a_sentence_is_replaced_by_the_cpu(
    model: Path, loop: Path, sound: NDArray[np.float32], caplog: pytest.LogCaptureFixture
) -> None:
    lips = _lips(model, loop)
    whole = _spoken(lips, sound)
    network = _mouth(lips).model
    network.provider = "CUDAExecutionProvider"
    network._session = _FailsAfter(network._session, 4)
    assert lips.provider == "CUDAExecutionProvider"
    assert all(np.array_equal(a, b) for a, b in zip(whole, _spoken(lips, sound), strict=True))
    assert lips.provider == "CPUExecutionProvider"
    assert "719" in caplog.text


def test_a_whole_network_that_fails_on_the_cpu_says_so(model: Path) -> None:
    network = LipsModel(model, threads=1)
    network._session = _FailsAfter(network._session, 0, np.inf)
    windows = np.zeros((1, 80, 16), dtype=np.float32)
    with pytest.raises(ModelBroken, match="not numbers"):
        network.run(windows, np.zeros((1, 6, SIZE, SIZE), dtype=np.float32))


# --- models of other kinds ----------------------------------------------------------------------


def _frames_mixed() -> onnx.ModelProto:
    """A model whose face branch depends on how many frames come at once."""
    model = small(SIZE)
    last = model.graph.node[-1]
    last.input[0], kept = "scaled", last.input[0]
    model.graph.initializer.append(numpy_helper.from_array(np.array([0], dtype=np.int64), "which"))
    extra = [
        helper.make_node("Shape", ["face"], ["shape"]),
        helper.make_node("Gather", ["shape", "which"], ["count"]),
        helper.make_node("Cast", ["count"], ["factor"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["factor", "factor"], ["one"]),
        helper.make_node("Mul", [kept, "one"], ["scaled"]),
    ]
    for node in extra:
        model.graph.node.insert(len(model.graph.node) - 1, node)
    return model


def test_a_model_that_cannot_be_cut_runs_whole_and_says_so(
    loop: Path, sound: NDArray[np.float32], tmp_path: Path
) -> None:
    path = tmp_path / "mixed.onnx"
    onnx.save(_frames_mixed(), path)
    lips = _lips(path, loop, tmp_path)
    facts = prepare(_mouth(lips), sound, tmp_path)
    assert facts.arithmetic == "whole"
    assert "frame by frame" in lips.network
    assert len(_spoken(lips, sound)) == 57
    assert adopt(_mouth(_lips(path, loop, tmp_path)), tmp_path) == facts  # not tried again


def test_a_cut_that_computes_something_else_is_not_used(
    model: Path, loop: Path, sound: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "_SAME", -1.0)
    lips = _lips(model, loop)
    facts = prepare(_mouth(lips), sound, None)
    assert (facts.arithmetic, _mouth(lips).fast) == ("whole", None)
    assert "differs" in facts.reason


@pytest.mark.parametrize("batch", [1, 3])
def test_a_fixed_batch_is_kept(
    batch: int, loop: Path, sound: NDArray[np.float32], tmp_path: Path
) -> None:
    path = tmp_path / "fixed.onnx"
    onnx.save(small(SIZE, batch=batch), path)
    lips = _lips(path, loop)
    whole = _mouth(lips).pictures(windows_of(sound)[:1], [5]).copy()
    facts = prepare(_mouth(lips), sound, None)
    assert facts.arithmetic != "whole"
    assert facts.batch == batch
    assert np.abs(_mouth(lips).pictures(windows_of(sound)[:1], [5]) - whole).max() < 0.05
    assert len(_spoken(lips, sound)) == 57


def test_an_old_export_is_brought_up_to_date(
    model: Path, loop: Path, sound: NDArray[np.float32], tmp_path: Path
) -> None:
    path = tmp_path / "old.onnx"
    old = onnx.load(model)
    old.opset_import[0].version = 11  # its nodes were the same then
    onnx.save(old, path)
    mouth = _mouth(_lips(path, loop))
    assert prepare(mouth, sound, None).arithmetic != "whole"


def test_the_variants_are_measured_side_by_side(
    model: Path, loop: Path, sound: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    _decide_for("int8", monkeypatch)
    report = measure_network(_mouth(_lips(model, loop)), windows_of(sound))
    for name in ("plain_ms", "fp32_ms", "int8_ms", "fp32_ratio", "int8_ratio"):
        assert set(report[name]) == {"batch_1", "batch_8"}
        assert min(report[name].values()) > 0
    assert 0 < report["int8_cache_mb"] < report["fp32_cache_mb"]

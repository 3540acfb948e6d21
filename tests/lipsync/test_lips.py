"""Loading lips: the recorded lead, the cache of prepared loops, and clear errors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import MediaError, ModelBroken, ModelMissing
from kiosk.lipsync import LipSync, load_lips
from kiosk.lipsync.lips import recorded_lead_ms
from kiosk.lipsync.measure import measure
from kiosk.paths import builtin_models_dir
from kiosk.persona.assets import BUILTIN_LIPS
from tests.lipsync.conftest import LOOP_FRAMES, bursts


def _load(model: Path | None, loop: Path, **changes: Path | int | None) -> LipSync:
    given: dict[str, Path | int | None] = {"lead_ms": None, "cache_dir": None, **changes}
    return load_lips(model, loop, None, threads=1, **given)  # type: ignore[arg-type]


def test_the_lead_is_recorded_beside_the_model(
    tiny_model: Path, loop: Path, tmp_path: Path
) -> None:
    model = Path(shutil.copy(tiny_model, tmp_path / "mine.onnx"))
    assert _load(model, loop).lead_ms == 0
    (tmp_path / "mine.json").write_text(json.dumps({"lead_ms": 120}))
    assert _load(model, loop).lead_ms == 120
    assert _load(model, loop, lead_ms=-40).lead_ms == -40
    assert recorded_lead_ms(builtin_models_dir() / BUILTIN_LIPS) == 75


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"lead_ms": "80"}', '{"lead_ms": 4000}', '{"lead_ms": true}']
)
def test_a_wrong_record_is_told(content: str, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(content)
    with pytest.raises(ModelBroken) as caught:
        recorded_lead_ms(tmp_path / "mine.onnx")
    assert caught.value.where == str(tmp_path / "mine.json")


def test_lips_tell_what_they_are(tiny_model: Path, loop: Path) -> None:
    lips = _load(tiny_model, loop)
    assert (lips.name, lips.provider) == ("tiny", "CPUExecutionProvider")
    assert (lips.fps, lips.frame_count) == (25, LOOP_FRAMES)
    warp = _load(None, loop)
    assert (warp.name, warp.provider, warp.frame_count) == ("warp", "cpu", LOOP_FRAMES)


def test_missing_files_are_told(tiny_model: Path, loop: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        _load(tmp_path / "none.onnx", loop)
    with pytest.raises(MediaError):
        _load(tiny_model, tmp_path / "none.mp4")


# --- the cache --------------------------------------------------------------------------------


def _first_patches(lips: LipSync) -> list[np.ndarray]:
    track = lips.track(0)
    track.feed(bursts((0, 1), length_s=1))
    track.finish()
    return [patch.bgr for patch in track.patches()]


def test_a_prepared_loop_is_taken_from_the_cache(
    tiny_model: Path, loop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = _first_patches(_load(tiny_model, loop, cache_dir=tmp_path))

    def refuse(*_: object) -> None:
        raise AssertionError("decoded again")

    with monkeypatch.context() as patched:
        patched.setattr("kiosk.lipsync.prepare._prepared", refuse)
        again = _first_patches(_load(tiny_model, loop, cache_dir=tmp_path))
    assert all(np.array_equal(a, b) for a, b in zip(fresh, again, strict=True))


@pytest.mark.warns
def test_a_damaged_cache_is_made_again(tiny_model: Path, loop: Path, tmp_path: Path) -> None:
    fresh = _first_patches(_load(tiny_model, loop, cache_dir=tmp_path))
    (skin,) = tmp_path.rglob("skin.npy")
    skin.write_bytes(skin.read_bytes()[:1000])
    again = _first_patches(_load(tiny_model, loop, cache_dir=tmp_path))
    assert all(np.array_equal(a, b) for a, b in zip(fresh, again, strict=True))


@pytest.mark.warns
@pytest.mark.parametrize("facts", ["{}", '{"mouth": {"x": 1}}', '{"mouth": 1}'])
def test_a_cache_with_other_facts_is_made_again(
    tiny_model: Path, loop: Path, tmp_path: Path, facts: str
) -> None:
    fresh = _first_patches(_load(tiny_model, loop, cache_dir=tmp_path))
    (kept,) = (tmp_path / "lips").rglob("facts.json")
    good = kept.read_text()
    kept.write_text(facts)
    again = _first_patches(_load(tiny_model, loop, cache_dir=tmp_path))
    assert all(np.array_equal(a, b) for a, b in zip(fresh, again, strict=True))
    assert kept.read_text() == good


def test_other_boxes_are_another_entry(tiny_model: Path, loop: Path, tmp_path: Path) -> None:
    _load(tiny_model, loop, cache_dir=tmp_path)
    copy = Path(shutil.copy(loop, tmp_path / "idle.mp4"))
    boxes = {"fps": 25, "face_box_xywh": [[62, 20, 156, 160]] * LOOP_FRAMES}
    (tmp_path / "idle.faces.json").write_text(json.dumps(boxes))
    lips = _load(tiny_model, copy, cache_dir=tmp_path)
    assert lips.mouth.loop.boxes[0] == pytest.approx([62, 20, 156, 160])
    assert len(list(tmp_path.rglob("skin.npy"))) == 2


def test_old_entries_go(tiny_model: Path, loop: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(loop, tmp_path / "idle.mp4"))
    for x in range(7):
        boxes = {"fps": 25, "face_box_xywh": [[58 + x, 20, 160, 160]] * LOOP_FRAMES}
        (tmp_path / "idle.faces.json").write_text(json.dumps(boxes))
        _load(tiny_model, copy, cache_dir=tmp_path)
    assert len(list(tmp_path.rglob("skin.npy"))) == 4


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    tiny_model: Path, loop: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where the folder should be")
    assert _load(tiny_model, loop, cache_dir=blocked).frame_count == LOOP_FRAMES
    assert "not kept" in caplog.text


def test_measure_reports_every_part(tiny_model: Path, loop: Path) -> None:
    sound = bursts((0, 2), length_s=2)
    for model in (tiny_model, None):
        cost = measure(model, loop, None, sound, threads=1)
        assert cost["frames"] == 57
        assert min(cost[key] for key in ("first_patch_ms", "all_ms", "mel_ms", "paste_ms")) > 0
        assert (cost["net_ms"] > 0) == (cost["plain_ms"] > 0) == (model is not None)

"""One utterance: frames in order, the loop's own index, a mouth at rest where nobody speaks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.errors import Cancelled
from kiosk.lipsync import LipsTrack, LipSync, Patch, load_lips
from kiosk.lipsync.gate import Gate
from kiosk.lipsync.mel import SILENCE
from kiosk.lipsync.track import TAIL_FRAMES
from kiosk.timing import CancelToken
from kiosk.video import read_all
from tests.lipsync.conftest import BOX, LOOP_FRAMES, bursts


@pytest.fixture(scope="module")
def lips(tiny_model: Path, loop: Path) -> LipSync:
    return load_lips(tiny_model, loop, None, lead_ms=0, threads=1, cache_dir=None)


@pytest.fixture(scope="module")
def pictures(loop: Path) -> NDArray[np.uint8]:
    return read_all(loop)


def _all(track: LipsTrack, sound: NDArray[np.float32]) -> list[Patch]:
    track.feed(sound)
    track.finish()
    return list(track.patches())


def _under(patch: Patch, pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width, _ = patch.bgr.shape
    return pictures[patch.loop_index, patch.y : patch.y + height, patch.x : patch.x + width]


def _movement(patches: list[Patch], pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean change of each frame's patch against the loop."""
    return np.array([np.abs(p.bgr.astype(int) - _under(p, pictures)).mean() for p in patches])


def test_frames_run_on_across_the_loop_s_seam(lips: LipSync) -> None:
    patches = _all(lips.track(LOOP_FRAMES - 5), bursts((0, 2), length_s=2))
    assert [patch.frame for patch in patches] == list(range(50 + TAIL_FRAMES))
    assert [patch.loop_index for patch in patches] == [
        (LOOP_FRAMES - 5 + frame) % LOOP_FRAMES for frame in range(50 + TAIL_FRAMES)
    ]


def test_a_patch_lies_in_the_lower_half_of_the_box(lips: LipSync) -> None:
    x, y, width, height = BOX
    patch = _all(lips.track(0), bursts((0, 1), length_s=1))[10]
    rows, columns, _ = patch.bgr.shape
    assert x <= patch.x < patch.x + columns <= x + width
    assert y + height // 2 <= patch.y < patch.y + rows <= y + height
    assert patch.bgr.dtype == np.uint8


@pytest.mark.parametrize("step", [160, 700, 4321])
def test_pieces_give_the_same_patches(lips: LipSync, step: int) -> None:
    sound = bursts((0.1, 0.9), (1.5, 2.2), length_s=2.5)
    whole = _all(lips.track(3), sound)
    track, pieces = lips.track(3), []
    for start in range(0, len(sound), step):
        track.feed(sound[start : start + step])
        pieces += list(track.patches())
    track.finish()
    pieces += list(track.patches())
    assert [p.frame for p in pieces] == [p.frame for p in whole]
    for piece, expected in zip(pieces, whole, strict=True):
        assert np.abs(piece.bgr.astype(int) - expected.bgr).max() <= 1


def test_whole_numbers_and_fractions_are_the_same_sound(lips: LipSync) -> None:
    sound = bursts((0.1, 0.9), length_s=1)
    whole = (sound * 32767).astype(np.int16)
    other = lips.track(0)
    other.feed(whole)
    other.finish()
    for a, b in zip(_all(lips.track(0), sound), other.patches(), strict=True):
        assert np.abs(a.bgr.astype(int) - b.bgr).max() <= 1


def test_the_mouth_moves_with_the_voice_and_rests_without(
    lips: LipSync, pictures: NDArray[np.uint8]
) -> None:
    patches = _all(lips.track(0), bursts((0.4, 1.4), (2.4, 3.4), length_s=4))
    moves = _movement(patches, pictures)
    assert moves[13:33].min() > 1
    assert moves[63:83].min() > 1
    assert moves[0] == 0  # begins as the loop
    assert np.all(moves[45:55] == 0)  # and is the loop's own in the pause
    assert np.all(moves[95:] == 0)


def test_it_begins_and_ends_at_rest_however_the_sound_ends(
    lips: LipSync, pictures: NDArray[np.uint8]
) -> None:
    patches = _all(lips.track(0), bursts((0, 1), length_s=1))
    moves = _movement(patches, pictures)
    assert len(patches) == 25 + TAIL_FRAMES
    assert moves[-1] == 0
    assert moves[0] < moves[3]  # eases in
    falling = moves[24:]
    assert np.all(np.diff(falling) <= 1e-9)  # and out


def test_a_room_s_noise_does_not_move_the_mouth(lips: LipSync, pictures: NDArray[np.uint8]) -> None:
    noise = np.random.default_rng(0).normal(0, 0.001, 32000).astype(np.float32)  # -60 dBFS
    assert _movement(_all(lips.track(0), noise), pictures).max() == 0


def test_pixels_outside_the_mask_are_the_loop_s(lips: LipSync, pictures: NDArray[np.uint8]) -> None:
    outside = lips.mouth.loop.mask == 0
    assert outside[0].all()
    assert outside[:, -1].all()
    for patch in _all(lips.track(0), bursts((0, 1), length_s=1)):
        assert np.array_equal(patch.bgr[outside], _under(patch, pictures)[outside])


@pytest.mark.parametrize("onset_s", [0.21, 0.4, 0.435, 0.479])
def test_nothing_moves_before_the_sound(
    lips: LipSync, pictures: NDArray[np.uint8], onset_s: float
) -> None:
    sound = bursts((onset_s, 1.2), length_s=1.2)
    moves = _movement(_all(lips.track(0), sound), pictures)
    first = int(np.flatnonzero(moves)[0])
    # Frame k is on screen from k / 25 s on, and it may show a sound that begins meanwhile.
    assert int(onset_s * 25) <= first <= int(onset_s * 25) + 2


def test_it_eases_in_and_out_without_a_jump() -> None:
    gate = Gate()
    levels = np.full((80, 200), SILENCE, dtype=np.float32)
    levels[:, 40:120] = 1.0
    gate.feed(levels)
    strengths = np.array([gate.strength(frame, int(frame * 3.2)) for frame in range(60)])
    opening, closing = (
        np.flatnonzero(np.diff(strengths) > 0),
        np.flatnonzero(np.diff(strengths) < 0),
    )
    assert len(opening) >= 3
    assert len(closing) >= 4
    assert np.abs(np.diff(strengths)).max() < 0.5
    assert strengths.max() == 1
    assert strengths[0] == strengths[-1] == 0


def test_the_short_silence_of_a_plosive_is_left_to_the_model() -> None:
    gate = Gate()
    levels = np.full((80, 200), 1.0, dtype=np.float32)
    levels[:, 100:108] = SILENCE  # 100 ms
    gate.feed(levels)
    strengths = [gate.strength(frame, int(frame * 3.2)) for frame in range(60)]
    assert min(strengths[5:]) == 1


@pytest.mark.parametrize("lead_ms", [-120, 80, 200])
def test_a_lead_shifts_the_mouth(
    tiny_model: Path, loop: Path, lips: LipSync, pictures: NDArray[np.uint8], lead_ms: int
) -> None:
    shifted = load_lips(tiny_model, loop, None, lead_ms=lead_ms, threads=1, cache_dir=None)
    # Three loudnesses, so that the window's place shows while the gate is wide open.
    sound = bursts((0.2, 3.0), length_s=3.2)
    sound[: int(1.2 * 16000)] *= 0.1
    sound[int(2.2 * 16000) :] *= 0.1

    def middle_s(which: LipSync) -> float:
        moves = _movement(_all(which.track(0), sound), pictures)[15:72]
        loud = moves > (moves.max() + np.median(moves[:8])) / 2
        return float((np.flatnonzero(loud) + 15).mean() / 25)

    assert middle_s(shifted) - middle_s(lips) == pytest.approx(lead_ms / 1000, abs=0.021)


def test_no_sound_gives_no_frames(lips: LipSync) -> None:
    assert _all(lips.track(0), np.zeros(0, dtype=np.float32)) == []


def test_frames_wait_for_their_sound(lips: LipSync) -> None:
    track = lips.track(0)
    track.feed(bursts((0, 1), length_s=0.1))
    assert list(track.patches()) == []
    track.feed(bursts((0, 1), length_s=0.2))
    frames = [patch.frame for patch in track.patches()]
    assert frames[:1] == [0]
    assert len(frames) <= 4


def test_a_cancelled_track_stops(lips: LipSync) -> None:
    track, cancel = lips.track(0), CancelToken()
    track.feed(bursts((0, 2), length_s=2))
    patches = track.patches(cancel)
    next(patches)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(patches)


def test_sound_after_the_end_is_a_programming_error(lips: LipSync) -> None:
    track = lips.track(0)
    track.finish()
    track.finish()
    with pytest.raises(ValueError, match="after the end"):
        track.feed(np.zeros(10, dtype=np.int16))
    with pytest.raises(ValueError, match="mono"):
        lips.track(0).feed(np.zeros((10, 2), dtype=np.int16))
    with pytest.raises(ValueError, match="lead"):
        LipsTrack(lips.mouth, fps=25, lead_ms=501, loop_index=0)


def test_a_model_of_fixed_batch_draws_the_same(loop: Path, lips: LipSync, tmp_path: Path) -> None:
    import onnx

    from scripts.make_lips_standin import tiny

    onnx.save(tiny(64, batch=3, swapped=True), tmp_path / "three.onnx")
    three = load_lips(tmp_path / "three.onnx", loop, None, lead_ms=0, threads=1, cache_dir=None)
    sound = bursts((0, 1), length_s=1)
    for a, b in zip(_all(three.track(0), sound), _all(lips.track(0), sound), strict=True):
        assert np.abs(a.bgr.astype(int) - b.bgr).max() <= 1

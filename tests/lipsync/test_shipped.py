"""The shipped model and loop, moved by the shipped voice."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.lipsync import LipSync, Patch, load_lips
from kiosk.lipsync.track import TAIL_FRAMES
from kiosk.paths import builtin_models_dir
from kiosk.persona.assets import BUILTIN_LIPS

MODEL = builtin_models_dir() / BUILTIN_LIPS
LOOP = builtin_models_dir() / "mary-anning" / "idle.mp4"

# Where lips are in a patch of the shipped loop, rows and columns.
LIPS = (slice(10, 115), slice(64, 199))


@dataclass(frozen=True)
class Spoken:
    """Attributes:
    patches: All patches of the utterance.
    opening: Dark area between the lips that is not dark in the loop, pixels, a frame.
    loudness: Envelope of the speech, 300-3,000 Hz, a frame.
    """

    patches: list[Patch]
    opening: NDArray[np.float64]
    loudness: NDArray[np.float64]


def _dark(bgr: NDArray[np.uint8]) -> NDArray[np.float64]:
    grey = cv2.cvtColor(np.ascontiguousarray(bgr[LIPS]), cv2.COLOR_BGR2GRAY)
    dark: NDArray[np.float64] = np.clip((72 - grey.astype(np.float64)) / 28, 0, 1)
    return dark


def _loudness(sound: NDArray[np.float32], frames: int) -> NDArray[np.float64]:
    """Energy of 40 ms round each frame's time, in the band of the voice."""
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / 16000)
    voice = np.fft.irfft(np.where((hz > 300) & (hz < 3000), spectrum, 0), n=len(sound))
    padded = np.pad(voice**2, (320, frames * 640 + 640))
    return np.sqrt([padded[k * 640 : (k + 1) * 640].mean() for k in range(frames)])


def _speak(lips: LipSync, sound: NDArray[np.float32]) -> Spoken:
    track = lips.track(100)
    track.feed(sound)
    track.finish()
    patches = list(track.patches())
    skin = lips.mouth.loop.skin
    opening = [np.maximum(0, _dark(p.bgr) - _dark(skin[p.loop_index])).sum() for p in patches]
    return Spoken(patches, np.array(opening), _loudness(sound, len(patches)))


def _lag_frames(late: NDArray[np.float64], early: NDArray[np.float64]) -> float:
    """By how many frames one curve follows another: peak of the correlation, by a parabola."""
    late, early = late - late.mean(), early - early.mean()
    reach = 6
    scores = [
        float((np.roll(early, shift)[reach:-reach] * late[reach:-reach]).sum())
        for shift in range(-reach, reach + 1)
    ]
    best = int(np.argmax(scores))
    assert 0 < best < 2 * reach
    before, at, after = scores[best - 1 : best + 2]
    return best - reach + 0.5 * (before - after) / (before - 2 * at + after)


@pytest.fixture(scope="module")
def lips(tmp_path_factory: pytest.TempPathFactory) -> LipSync:
    cache = tmp_path_factory.mktemp("cache")
    return load_lips(MODEL, LOOP, None, lead_ms=None, threads=2, cache_dir=cache)


@pytest.fixture(scope="module")
def spoken(lips: LipSync, speech: NDArray[np.float32]) -> Spoken:
    return _speak(lips, speech)


def _smooth(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.convolve(curve, [0.25, 0.5, 0.25], mode="same")


def test_the_mouth_opens_with_the_voice(spoken: Spoken) -> None:
    assert np.corrcoef(_smooth(spoken.opening), _smooth(spoken.loudness))[0, 1] > 0.5
    assert np.percentile(spoken.opening, 95) > 300


def test_mouth_and_sound_are_within_a_frame(spoken: Spoken) -> None:
    assert abs(_lag_frames(spoken.opening, spoken.loudness)) <= 1


def test_the_mouth_is_shut_in_the_pause_and_at_the_end(
    spoken: Spoken, lips: LipSync, speech: NDArray[np.float32]
) -> None:
    silent = np.convolve(np.abs(speech) > 1e-3, np.ones(8000), mode="same") == 0
    middle = int(np.flatnonzero(silent).mean() / 640)
    assert spoken.opening[middle - 3 : middle + 4].max() == 0
    last = spoken.patches[-1]
    assert np.array_equal(last.bgr, lips.mouth.loop.skin[last.loop_index])
    assert len(spoken.patches) == -(-len(speech) // 640) + TAIL_FRAMES


def test_another_lead_moves_the_mouth(spoken: Spoken, speech: NDArray[np.float32]) -> None:
    early = load_lips(MODEL, LOOP, None, lead_ms=0, threads=2, cache_dir=None)
    opening = _speak(early, speech).opening
    assert _lag_frames(spoken.opening, opening) == pytest.approx(2, abs=0.3)


def test_the_warp_follows_the_same_voice(speech: NDArray[np.float32]) -> None:
    warp = load_lips(None, LOOP, None, lead_ms=None, threads=1, cache_dir=None)
    spoken = _speak(warp, speech)
    assert np.corrcoef(_smooth(spoken.opening), _smooth(spoken.loudness))[0, 1] > 0.6
    assert abs(_lag_frames(spoken.opening, spoken.loudness)) <= 1

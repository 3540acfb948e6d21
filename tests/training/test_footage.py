"""Films and their sound, and what is said of films that cannot teach lips."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kiosk.errors import MediaError
from kiosk.training.footage import (
    SAMPLES_PER_FRAME,
    open_footage,
    read_sound,
    require_length,
    speech_frames,
)
from tests.training.conftest import FPS, MakeFilm, face, hum, loudness


def test_sound_lies_under_the_pictures_to_the_sample_frame(make_film: MakeFilm) -> None:
    film = open_footage(make_film(seconds=6))
    assert film.frame_count == 150
    assert len(film.sound) == 150 * SAMPLES_PER_FRAME
    truth = hum(loudness(6)).astype(np.float64) / 32768
    lags = range(-800, 801, 16)
    middle = slice(20_000, 70_000)
    match = [float(film.sound[middle] @ np.roll(truth, lag)[middle]) for lag in lags]
    assert abs(lags[int(np.argmax(match))]) <= 48  # 3 ms


@pytest.mark.parametrize("late_ms", [-120, 200])
def test_a_late_or_early_sound_track_is_put_right(tmp_path: Path, late_ms: int) -> None:
    """A click at 1 s of the picture's time is found there, wherever the track begins."""
    path = tmp_path / "late.mkv"
    rate, lead_in_s = 48_000, 0.2
    with av.open(str(path), "w") as film:
        video = film.add_stream("libx264", rate=FPS)
        video.width = video.height = 128
        video.pix_fmt = "yuv420p"
        audio = film.add_stream("pcm_s16le", rate=rate, layout="mono")
        for index in range(75):
            frame = av.VideoFrame.from_ndarray(face(0, 0), format="bgr24")
            frame.pts, frame.time_base = index + round(lead_in_s * FPS), Fraction(1, FPS)
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        starts_s = lead_in_s + late_ms / 1000
        samples = np.zeros((1, 3 * rate), dtype=np.int16)
        samples[0, round((lead_in_s + 1.0 - starts_s) * rate)] = 30_000
        for first in range(0, samples.shape[1], 4800):
            part = av.AudioFrame.from_ndarray(
                samples[:, first : first + 4800], format="s16", layout="mono"
            )
            part.sample_rate, part.time_base = rate, Fraction(1, rate)
            part.pts = first + round(starts_s * rate)
            film.mux(audio.encode(part))
    sound = read_sound(path, 75 * SAMPLES_PER_FRAME)
    assert len(sound) == 75 * SAMPLES_PER_FRAME
    assert abs(int(np.argmax(np.abs(sound))) - 16_000) <= 32  # 2 ms


def test_speech_is_told_from_silence() -> None:
    curve = loudness(5)
    speech = speech_frames(hum(curve).astype(np.float32) / 32768)
    spoken = curve[: len(speech) * SAMPLES_PER_FRAME].reshape(-1, SAMPLES_PER_FRAME).mean(axis=1)
    assert speech[spoken > 0.3].all()
    assert not speech[spoken == 0].any()


def test_silence_is_refused(make_film: MakeFilm) -> None:
    with pytest.raises(MediaError, match=r"silence\.mp4: .*silence only.*read aloud") as caught:
        open_footage(make_film("silence.mp4", 4, speaks=False))
    assert caught.value.exit_code == 2


def test_a_silent_film_is_refused(make_film: MakeFilm) -> None:
    with pytest.raises(MediaError, match=r"mute\.mp4: The footage has no sound\..*with sound"):
        open_footage(make_film("mute.mp4", 4, sound=False))


def test_too_little_footage_says_how_much_is_needed(make_film: MakeFilm) -> None:
    film = open_footage(make_film(seconds=4))
    with pytest.raises(MediaError, match=r"only 4 s of footage, and at least 60 s are needed"):
        require_length([film], 60)


@pytest.mark.parametrize("content", [b"", b"no film at all" * 100])
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"broken\.mp4"):
        open_footage(path)


def test_half_a_film_is_refused_or_read_to_its_end(make_film: MakeFilm) -> None:
    path = make_film(seconds=8)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    try:
        film = open_footage(path)
    except MediaError:
        return
    assert len(film.sound) == film.frame_count * SAMPLES_PER_FRAME


def test_phonemes_beside_the_film(make_film: MakeFilm) -> None:
    path = make_film(seconds=4)
    beside = path.with_name("reading.phonemes.json")
    beside.write_text(json.dumps([{"phoneme": "p", "start_s": 1.0, "end_s": 1.1}]))
    (phoneme,) = open_footage(path).phonemes
    assert (phoneme.phoneme, phoneme.start_s, phoneme.end_s) == ("p", 1.0, 1.1)
    beside.write_text('{"phoneme": 1}')
    with pytest.raises(MediaError, match=r"phonemes\.json"):
        open_footage(path)

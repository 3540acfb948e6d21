"""Footage: one person who speaks, filmed from the front, with sound.

Pictures come at the kiosk's 25 frames a second, whatever the camera's rate; the sound is brought to
16 kHz and laid under them by the container's own times, because cameras start picture and sound a
few hundredths of a second apart, and a mouth is judged by hundredths.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.lipsync.mel import SAMPLE_RATE_HZ
from kiosk.video.loop import LOOP_FPS, open_loop
from kiosk.video.source import Source

SAMPLES_PER_FRAME = SAMPLE_RATE_HZ // LOOP_FPS

_QUIETEST_SPEECH = 0.004  # of full scale, root mean square; about -48 dBFS
_BELOW_LOUD = 0.06  # speech is at most 24 dB quieter than the film's loud moments
_LEAST_SPEECH_SHARE = 0.1
_HOW = "docs/lips-of-your-own.md says how to film."


@dataclass(frozen=True, slots=True)
class Phoneme:
    """Attributes:
    phoneme: In the International Phonetic Alphabet.
    start_s: From the film's first picture, seconds.
    end_s: Likewise.
    """

    phoneme: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Footage:
    """One film with its sound; the pictures are decoded when they are cut out.

    Attributes:
        path: The film.
        frame_count: Pictures at 25 frames a second.
        sound: Mono, 16 kHz, -1..1; sample 0 is heard with picture 0; shape (frame_count * 640,).
        phonemes: What is said when, if ``<film>.phonemes.json`` tells; else empty.
    """

    path: Path
    frame_count: int
    sound: NDArray[np.float32]
    phonemes: tuple[Phoneme, ...] = ()

    @property
    def seconds(self) -> float:
        return self.frame_count / LOOP_FPS


def open_footage(path: Path) -> Footage:
    """Read a film's sound and check that it can teach lips.

    Raises:
        MediaError: No film, damaged, turned, without sound or without speech.
    """
    info = open_loop(path)
    _refuse_turned(path)
    sound = read_sound(path, info.frame_count * SAMPLES_PER_FRAME)
    share = float(speech_frames(sound).mean())
    if share < _LEAST_SPEECH_SHARE:
        what = "silence only" if share == 0 else f"hardly any speech ({share:.0%} of its length)"
        raise MediaError(
            f"The sound of the footage holds {what}.",
            where=path,
            remedy=f"Film the person while they read aloud, with a microphone. {_HOW}",
        )
    return Footage(path, info.frame_count, sound, _phonemes(path))


def require_length(films: list[Footage], least_s: float) -> None:
    """Refuse footage that is too short in all.

    Raises:
        MediaError: With how much there is and how much is needed.
    """
    there_s = sum(film.seconds for film in films)
    if there_s < least_s:
        raise MediaError(
            f"There are only {there_s:.0f} s of footage, and at least {least_s:.0f} s are needed.",
            where=", ".join(film.path.name for film in films),
            remedy=f"Three to ten minutes of reading aloud are best. {_HOW}",
        )


def speech_frames(sound: NDArray[np.float32]) -> NDArray[np.bool_]:
    """For each 40 ms of the sound, whether somebody speaks; shape (len(sound) // 640,)."""
    count = len(sound) // SAMPLES_PER_FRAME
    blocks = sound[: count * SAMPLES_PER_FRAME].reshape(count, SAMPLES_PER_FRAME)
    level = np.sqrt(np.square(blocks).mean(axis=1)) if count else np.zeros(0, dtype=np.float32)
    loud = float(np.percentile(level, 95)) if count else 0.0
    spoken: NDArray[np.bool_] = level > max(_QUIETEST_SPEECH, _BELOW_LOUD * loud)
    return spoken


def read_sound(path: Path, samples: int) -> NDArray[np.float32]:
    """The sound under the pictures: mono, 16 kHz, from the first picture on, ``samples`` long.

    Raises:
        MediaError: No sound track, or one that cannot be decoded.
    """
    with Source(path) as source:  # refuses what is no video, and playlists
        first_tick = int(source.packets.pts[0])
    pieces: list[NDArray[np.float32]] = []
    start_s: float | None = None
    resampler = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
    try:
        with av.open(f"file:{path}") as container:
            if not container.streams.audio:
                raise MediaError(
                    "The footage has no sound.",
                    where=path,
                    remedy=f"Film with sound, or join picture and sound into one file. {_HOW}",
                )
            first_picture_s = first_tick * float(container.streams.video[0].time_base or 0)
            for frame in _decoded(container):
                if start_s is None:
                    start_s = float(frame.time or 0.0)
                pieces += _samples(resampler.resample(frame))
            if start_s is not None:
                pieces += _samples(resampler.resample(None))
    except (av.FFmpegError, OSError) as error:
        raise MediaError(
            f"The sound of the footage cannot be decoded ({error.strerror or error}).",
            where=path,
            remedy="Export it again as MP4 with H.264 and AAC.",
        ) from error
    if not pieces or start_s is None:
        raise MediaError(
            "The footage's sound track is empty.", where=path, remedy="Film again, with sound."
        )
    sound = np.nan_to_num(np.concatenate(pieces))
    return _laid_under(sound, round((start_s - first_picture_s) * SAMPLE_RATE_HZ), samples)


def _samples(frames: list[Any]) -> list[NDArray[np.float32]]:
    return [np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1) for frame in frames]


def _decoded(container: Any) -> Any:
    """Decoded sound; packets that the decoder refuses are left out."""
    for packet in container.demux(audio=0):
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue


def _laid_under(sound: NDArray[np.float32], late: int, samples: int) -> NDArray[np.float32]:
    """Shift by ``late`` samples (negative: the sound began before the picture); cut or fill."""
    shifted = np.concatenate([np.zeros(max(0, late), dtype=np.float32), sound[max(0, -late) :]])
    missing = samples - len(shifted)
    return np.pad(shifted, (0, missing)) if missing > 0 else shifted[:samples]


def _refuse_turned(path: Path) -> None:
    """Phones film upright by a note to turn the picture, which the kiosk's decoder ignores."""
    with Source(path) as source:
        _, frame = next(source.decode())
        turned = int(getattr(frame, "rotation", 0) or 0) % 360
    if turned:
        raise MediaError(
            f"The film is stored lying on its side (to be turned by {turned} degrees).",
            where=path,
            remedy="Export it once in a video editor, which turns the pictures themselves.",
        )


def _phonemes(film: Path) -> tuple[Phoneme, ...]:
    """``[{"phoneme", "start_s", "end_s"}, ...]`` beside the film, in IPA."""
    path = film.with_name(f"{film.stem}.phonemes.json")
    if not path.is_file():
        return ()
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        return tuple(
            Phoneme(str(row["phoneme"]), float(row["start_s"]), float(row["end_s"]))
            for row in content
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise MediaError(
            "The file is not a list of phonemes with start_s and end_s.",
            where=path,
            remedy="Correct or delete it; it is only needed to measure closures.",
        ) from error

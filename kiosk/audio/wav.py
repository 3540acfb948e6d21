"""Reading and writing WAV files."""

from __future__ import annotations

import os
import tempfile
import wave
from pathlib import Path

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from kiosk.audio.blocks import SAMPLE_RATE_HZ
from kiosk.errors import MediaError

MAX_BYTES = 64 * 1024 * 1024
"""Ten minutes of 24-bit stereo at 16 kHz, or three at 48 kHz: far more than a question."""

_REMEDY = "Give a WAV file with plain PCM sound, 8 to 32 bit, any rate."


def read_wav(path: Path, rate_hz: int = SAMPLE_RATE_HZ) -> tuple[NDArray[np.int16], int]:
    """Read a PCM WAV file of any width, rate and number of channels.

    Args:
        path: The file.
        rate_hz: Rate that is wanted.

    Returns:
        Mono int16 samples and their rate, ``rate_hz``.

    Raises:
        MediaError: The file is missing, too large, empty, damaged or not PCM WAV.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise MediaError("the file cannot be read.", where=path, remedy=_REMEDY) from error
    if size > MAX_BYTES:
        raise MediaError(
            f"the file is larger than {MAX_BYTES // 1024**2} MiB.",
            where=path,
            remedy="Cut the recording shorter.",
        )
    try:
        samples = _decode(path, rate_hz)
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise MediaError(
            "the file is not a usable WAV file.", where=path, remedy=_REMEDY
        ) from error
    if not len(samples):
        raise MediaError("the file holds no sound.", where=path, remedy=_REMEDY)
    return samples, rate_hz


def write_wav(path: Path, samples: NDArray[np.int16], sample_rate_hz: int) -> None:
    """Write a mono 16-bit WAV file; whole or not at all, also on a full disk."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as raw:
            with wave.open(raw, "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(sample_rate_hz)
                file.writeframes(samples.astype("<i2").tobytes())
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _decode(path: Path, rate_hz: int) -> NDArray[np.int16]:
    # Only FFmpeg's WAV reader: no other parser ever sees a file that merely ends in .wav.
    with av.open(str(path), format="wav") as container:
        if not container.streams.audio:
            raise ValueError("no sound in it")
        stream = container.streams.audio[0]
        if not stream.codec_context.name.startswith("pcm_"):
            raise ValueError(f"compressed with {stream.codec_context.name}")
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate_hz)
        parts = [
            converted.to_ndarray()[0]
            for frame in [*container.decode(stream), None]
            for converted in resampler.resample(frame)
        ]
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)

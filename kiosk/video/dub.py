"""Give a finished silent film its sound."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from kiosk.video.film import (
    AUDIO_BITS_PER_S,
    AUDIO_BLOCK,
    CONTAINER_OPTIONS,
    film_refused,
    part_of,
    sound_frame,
)
from kiosk.video.marking import COMMENT, Marking, append_xmp


def dub_film(silent: Path, path: Path, samples: NDArray[np.int16], rate_hz: int) -> None:
    """Copy the pictures as they are and add a sound track; no frame is decoded or encoded again.

    Args:
        silent: A film without sound; stays as it is.
        path: The film with sound.
        samples: Mono, from time 0.
        rate_hz: Their rate.

    Raises:
        MediaError: The film cannot be read or written.
    """
    part = part_of(path)
    try:
        with (
            av.open(f"file:{silent}") as source,
            av.open(f"file:{part}", "w", format="mp4", options=CONTAINER_OPTIONS) as target,
        ):
            _copy(source, target, samples, rate_hz)
        append_xmp(part, Marking().packet())
        os.replace(part, path)
    except (av.FFmpegError, OSError) as error:
        part.unlink(missing_ok=True)
        raise film_refused(path, error) from error


def _copy(source: Any, target: Any, samples: NDArray[np.int16], rate_hz: int) -> None:
    target.metadata["comment"] = COMMENT
    pictures = source.streams.video[0]
    video = target.add_stream_from_template(pictures)
    audio = target.add_stream("aac", rate=rate_hz, layout="mono")
    audio.bit_rate = AUDIO_BITS_PER_S
    written = 0

    def sound_until(end: int) -> None:
        """Sound goes between the pictures of its time, so that a player need not look for it."""
        nonlocal written
        while written < min(end, len(samples)):
            block = samples[written : written + AUDIO_BLOCK]
            target.mux(audio.encode(sound_frame(block, written, rate_hz)))
            written += len(block)

    for packet in source.demux(pictures):
        if packet.dts is None:
            continue  # the end's empty packet
        sound_until(round(float(packet.dts * packet.time_base) * rate_hz))
        packet.stream = video
        target.mux(packet)
    sound_until(len(samples))
    target.mux(audio.encode(None))

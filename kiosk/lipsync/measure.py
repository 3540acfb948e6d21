"""What lips cost, for `kiosk bench lips`."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.lips import load_lips
from kiosk.lipsync.measure_network import measure_network
from kiosk.lipsync.mel import COLUMNS_PER_S, SAMPLE_RATE_HZ, WINDOW_COLUMNS, log_mel
from kiosk.lipsync.mouth import ModelMouth
from kiosk.lipsync.prepare import reduced
from kiosk.lipsync.speedup import prepare, windows_of
from kiosk.video.faces import FaceBox
from kiosk.video.loop import LoopReader

_FIRST_CHUNK_S = 1.0
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class LipsCost:
    """Attributes (times in milliseconds):

    model: Name of the model, or ``warp``.
    provider: What really computed.
    threads: Cores it might use.
    frames: Frames of the utterance measured.
    first_patch_ms: From the first second of sound to the first patch; median.
    all_ms: Everything, a frame of the utterance.
    mel_ms: Mel spectrogram, a frame.
    net_ms: The network as the kiosk runs it, a frame in its largest batch; 0 for the warp.
    paste_ms: The paste, or the warp, a frame.
    plain_ms: The same model used plainly, a frame: one frame a call, the face cut out and resized
        for each, the result resized and pasted as a rectangle; 0 for the warp.
    plain_ratio: ``plain_ms`` over ``all_ms``; 0 for the warp.
    network: ``measure_network``; empty for the warp.
    peak_memory_mb: Of this process so far.
    """

    model: str
    provider: str
    threads: int
    frames: int
    first_patch_ms: float
    all_ms: float
    mel_ms: float
    net_ms: float
    paste_ms: float
    plain_ms: float
    plain_ratio: float
    network: dict[str, Any]
    peak_memory_mb: int


def measure(
    model: Path | None,
    loop: Path,
    boxes: Path | FaceBox | None,
    samples: NDArray[np.float32] | NDArray[np.int16],
    *,
    threads: int = 2,
    cache_dir: Path | None = None,
) -> dict[str, Any]:
    """Measure the lips over one utterance.

    Args:
        model: As for ``load_lips``.
        loop: As for ``load_lips``.
        boxes: As for ``load_lips``.
        samples: Speech, mono, 16 kHz, at least two seconds.
        threads: Cores to use.
        cache_dir: As for ``load_lips``.

    Returns:
        ``LipsCost`` as a dictionary.
    """
    lips = load_lips(model, loop, boxes, lead_ms=None, threads=threads, cache_dir=cache_dir)
    scale = 1 / 32768 if samples.dtype == np.int16 else 1.0
    sound = samples.astype(np.float32) * np.float32(scale)
    mouth = lips.mouth
    network: dict[str, Any] = {}
    if isinstance(mouth, ModelMouth):
        network = measure_network(mouth, windows_of(sound))
        if mouth.facts is None:
            prepare(mouth, sound, cache_dir)
    chunk = samples[: int(_FIRST_CHUNK_S * SAMPLE_RATE_HZ)]

    def first_patch() -> None:
        track = lips.track(0)
        track.feed(chunk)
        next(track.patches())

    frames = 0

    def utterance() -> None:
        nonlocal frames
        track = lips.track(0)
        track.feed(samples)
        track.finish()
        frames = sum(1 for _ in track.patches())

    all_ms = _median_ms(utterance, 3) / frames
    mel_ms = _median_ms(lambda: log_mel(sound), 5) / frames
    net_ms = plain_ms = 0.0
    windows = _windows(log_mel(sound), mouth.batch)
    count = len(windows)
    if isinstance(mouth, ModelMouth):
        pictures = mouth.pictures(windows, range(count))
        net_ms = _median_ms(lambda: mouth.pictures(windows, range(count))) / count
        plain_ms = _median_ms(_plain(mouth, loop, windows[:1]))
        paste_ms = _median_ms(lambda: mouth.paste(pictures[0], 1.0, 0))
    else:
        whole = np.ones(count, dtype=np.float32)
        paste_ms = _median_ms(lambda: mouth.draw(windows, whole, range(count))) / count
    cost = LipsCost(
        model=lips.name,
        provider=lips.provider,
        threads=threads,
        frames=frames,
        first_patch_ms=_median_ms(first_patch),
        all_ms=all_ms,
        mel_ms=mel_ms,
        net_ms=net_ms,
        paste_ms=paste_ms,
        plain_ms=plain_ms,
        plain_ratio=plain_ms / all_ms,
        network=network,
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )
    return {
        key: round(value, 3) if isinstance(value, float) else value
        for key, value in asdict(cost).items()
    }


def _windows(mel: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Windows from where the utterance is loudest."""
    step = COLUMNS_PER_S // 25
    last = mel.shape[1] - WINDOW_COLUMNS - step * count
    level = np.convolve(mel.mean(axis=0), np.ones(WINDOW_COLUMNS), mode="valid")
    start = int(level[: max(1, last)].argmax())
    starts = [min(start + step * at, mel.shape[1] - WINDOW_COLUMNS) for at in range(count)]
    return np.stack([mel[:, at : at + WINDOW_COLUMNS] for at in starts])


def _plain(mouth: ModelMouth, loop: Path, window: NDArray[np.float32]) -> Callable[[], None]:
    """One frame the way the reference implementation makes it."""
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        _, frame = reader.next()
    size = mouth.model.contract.size
    x, y, width, height = (int(side) for side in np.rint(mouth.loop.boxes[0]))
    box = frame[max(0, y) : y + height, max(0, x) : x + width]

    def one() -> None:
        face = reduced(box, size).astype(np.float32).transpose(2, 0, 1) / 255
        masked = face.copy()
        masked[:, size // 2 :] = 0
        picture = mouth.model.run(window, np.concatenate([masked, face])[None])[0]
        shown = (picture.transpose(1, 2, 0) * 255).astype(np.uint8)
        box[...] = cv2.resize(shown, (box.shape[1], box.shape[0]))

    return one


def _median_ms(work: Callable[[], object], rounds: int = _ROUNDS) -> float:
    work()
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1000

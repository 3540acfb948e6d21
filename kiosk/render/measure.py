"""What a film costs, for `kiosk bench render`."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.lipsync import Patch
from kiosk.messages import Speaking
from kiosk.persona import LoadedPersona, loop_path
from kiosk.render.maker import FilmMaker
from kiosk.render.planes import Framing, Planes
from kiosk.render.reel import Reel
from kiosk.render.request import FilmRequest
from kiosk.render.script import LEAD_IN_TICKS, REST_TICKS
from kiosk.render.sound import LIPS_RATE_HZ, SOUND_RATE_HZ
from kiosk.timing import CancelToken
from kiosk.tts import SpeechChunk
from kiosk.video import LOOP_FPS, FilmWriter, LoopReader, open_loop

SPOKEN_S = 10.0
FILMS = 3
_THREADS = 2


class Cost(NamedTuple):
    """Attributes:
    wall_s: By the clock.
    processor_s: Of all cores together; says more than the clock on a busy machine.
    """

    wall_s: float
    processor_s: float


def measure(loaded: LoadedPersona, films: int = FILMS) -> dict[str, Any]:
    """Time a film of about ten seconds of the persona's own answers.

    The plain way makes the same film with the same models and the same encoder settings, one step
    after the other: speak everything, draw every mouth, then decode, paste, convert and encode
    frame by frame in BGR.

    Args:
        loaded: The persona.
        films: Of either kind, by turns; the fastest counts, because only other work on the
            machine makes one slower.

    Returns:
        Figures; times are for ``SPOKEN_S`` of speech, in seconds.
    """
    text = _about(SPOKEN_S, loaded)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "film.mp4"
        request = FilmRequest(loaded.path, out, text, cached=False)
        began_s = time.perf_counter()
        maker = FilmMaker(loaded, _THREADS)
        made = maker.make(request, CancelToken(), _nothing)
        cold_s = time.perf_counter() - began_s
        spoken_s = made.duration_s - (LEAD_IN_TICKS + REST_TICKS) / LOOP_FPS
        ours: list[Cost] = []
        plain: list[Cost] = []
        for _ in range(films):
            ours.append(_cost(lambda: maker.make(request, CancelToken(), _nothing)))
            plain.append(_cost(lambda: _plain(maker, loaded, text, out)))
        size = out.stat().st_size
        parts = _parts(maker, loaded, text, out)
    info = open_loop(loop_path(loaded))
    scale = SPOKEN_S / spoken_s
    best, best_plain = (Cost(*map(min, zip(*costs, strict=True))) for costs in (ours, plain))
    return {
        "size": f"{info.width}x{info.height}",
        "voice": maker.voice(Speaking.PERSONA).name,
        "lips": f"{maker.lips.name} ({maker.lips.provider})",
        "spoken_s": round(spoken_s, 2),
        "films": films,
        "film_s": round(best.wall_s * scale, 2),
        "with_loading_s": round(cold_s * scale, 2),
        "plain_s": round(best_plain.wall_s * scale, 2),
        "plain_ratio": round(best_plain.wall_s / best.wall_s, 2),
        "processor_s": round(best.processor_s * scale, 2),
        "plain_processor_s": round(best_plain.processor_s * scale, 2),
        "processor_s_of": {part: round(seconds * scale, 2) for part, seconds in parts.items()},
        "size_kb": round(size * scale / 1000),
    }


def _about(seconds: float, loaded: LoadedPersona) -> str:
    """So many prepared answers that they last about as long."""
    voice = FilmMaker(loaded, _THREADS).voice(Speaking.PERSONA)
    said: list[str] = []
    spoken_s = 0.0
    for answer in loaded.persona.answers:
        said.append(answer.say[0])
        spoken_s += sum(chunk.duration_s for chunk in voice.speak([answer.say[0]]))
        if spoken_s >= seconds:
            break
    return " ".join(said)


def _plain(maker: FilmMaker, loaded: LoadedPersona, text: str, out: Path) -> None:
    """The straightforward way to the same film."""
    chunks = list(maker.voice(Speaking.PERSONA).speak([text]))
    patches = {LEAD_IN_TICKS + patch.frame: patch for patch in _patches(maker, chunks)}
    sound = soxr.resample(_joined(chunks), chunks[0].sample_rate_hz, SOUND_RATE_HZ)
    ticks = LEAD_IN_TICKS + REST_TICKS + -(-len(sound) * LOOP_FPS // SOUND_RATE_HZ)
    with LoopReader(loop_path(loaded), out_format="bgr", keep_mib=0) as loop:
        size = (loop.info.width, loop.info.height)
        with FilmWriter(out, *size, LOOP_FPS, SOUND_RATE_HZ) as film:
            for tick in range(ticks):
                frame = loop.next()[1]
                patch = patches.get(tick)
                if patch is not None:
                    height, width = patch.bgr.shape[:2]
                    frame[patch.y : patch.y + height, patch.x : patch.x + width] = patch.bgr
                film.add_frame(frame)
            film.add_sound(sound)


def _parts(maker: FilmMaker, loaded: LoadedPersona, text: str, out: Path) -> dict[str, float]:
    """Processor seconds of each stage by itself: where the time goes."""
    chunks: list[SpeechChunk] = []
    voice = _cost(lambda: chunks.extend(maker.voice(Speaking.PERSONA).speak([text])))
    patches: list[Patch] = []
    lips = _cost(lambda: patches.extend(_patches(maker, chunks)))
    with LoopReader(loop_path(loaded), out_format="nv12") as loop:
        count = loop.info.frame_count
        size = (loop.info.width, loop.info.height)
        decode = _cost(lambda: [loop.next() for _ in range(min(count, len(patches)))])
        pictures = [loop.next()[1] for _ in range(min(count, len(patches)))]
    label = loaded.persona.disclosure.text
    planes = (pictures[tick % len(pictures)].copy() for tick in itertools.count())
    reel = Reel(_Nowhere(), planes, Framing.fill(size, size, (0, 0)), LOOP_FPS, label, ())

    def compose() -> None:
        for patch in patches:
            reel.show(patch)

    composing = _cost(compose)

    def encode() -> None:
        with FilmWriter(out, *size, LOOP_FPS, None) as film:
            for tick in range(len(patches) + LEAD_IN_TICKS + REST_TICKS):
                film.add_planes(pictures[tick % len(pictures)])

    encoding = _cost(encode)
    costs = {
        "voice": voice,
        "lips": lips,
        "decode": decode,
        "compose": composing,
        "encode": encoding,
    }
    return {part: cost.processor_s for part, cost in costs.items()}


class _Nowhere:
    """Takes pictures and drops them."""

    def add_planes(self, nv12: Planes) -> None:
        del nv12


def _patches(maker: FilmMaker, chunks: Sequence[SpeechChunk]) -> Iterator[Patch]:
    track = maker.lips.track(LEAD_IN_TICKS)
    track.feed(soxr.resample(_joined(chunks), chunks[0].sample_rate_hz, LIPS_RATE_HZ))
    track.finish()
    return track.patches()


def _joined(chunks: Sequence[SpeechChunk]) -> NDArray[np.int16]:
    return np.concatenate([chunk.samples for chunk in chunks])


def _cost(work: Callable[[], object]) -> Cost:
    began_s, processor_s = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - began_s, time.process_time() - processor_s)


def _nothing(done: float, total: float) -> None:
    del done, total

"""Write footage for `kiosk lips train` without filming anybody: the portrait reads its answers.

    python scripts/make_reading_film.py reading.mp4 --minutes 6
    kiosk lips train reading.mp4 --loop models/mary-anning/idle.mp4 --out copy.onnx

The shipped portrait speaks with the shipped voice and lips over its idle loop. Beside the film are
written its face boxes and the time of every phoneme, so that all of the report's figures can be
measured. A model trained on it is a copy of the shipped one and teaches nothing new; it shows that
the training works.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from cli.progress import bar
from kiosk import paths
from kiosk.lipsync import load_lips
from kiosk.lipsync.mel import SAMPLE_RATE_HZ
from kiosk.persona import load_persona
from kiosk.persona.assets import BUILTIN_LIPS
from kiosk.tts import PiperVoiceEngine
from kiosk.video import FilmWriter
from kiosk.video.faces import boxes_for
from kiosk.video.loop import LOOP_FPS, LoopReader

PAUSES_S = (0.6, 1.2)
"""Between answers, so that the mouth is seen at rest."""


@dataclass(slots=True)
class Reading:
    """What is said.

    Attributes:
        samples: Mono, int16, at the voice's rate.
        phonemes: Rows of the file beside the film.
        said_s: Length so far, seconds.
    """

    samples: list[NDArray[np.int16]] = field(default_factory=list)
    phonemes: list[dict[str, Any]] = field(default_factory=list)
    said_s: float = 0.0


def read_aloud(voice: PiperVoiceEngine, texts: Iterator[str], seconds: float, seed: int) -> Reading:
    """Texts one after the other, with pauses, until they last about ``seconds``."""
    chance = random.Random(seed)
    reading = Reading()

    def pause() -> None:
        silence = np.zeros(round(chance.uniform(*PAUSES_S) * voice.sample_rate_hz), dtype=np.int16)
        reading.samples.append(silence)
        reading.said_s += len(silence) / voice.sample_rate_hz

    pause()
    while reading.said_s < seconds and (text := next(texts, None)):
        for chunk in voice.speak([text]):
            reading.phonemes += [
                {
                    "phoneme": name,
                    "start_s": round(reading.said_s + start, 4),
                    "end_s": round(reading.said_s + end, 4),
                }
                for name, start, end in chunk.phonemes
            ]
            reading.samples.append(chunk.samples)
            reading.said_s += chunk.duration_s
        pause()
    return reading


def write_film(out: Path, reading: Reading, rate_hz: int, loop: Path, model: Path) -> None:
    """The portrait speaking, with its boxes and phonemes beside the film."""
    sound = np.concatenate(reading.samples)
    at_16k = soxr.resample(sound.astype(np.float32) / 32768, rate_hz, SAMPLE_RATE_HZ)
    lips = load_lips(model, loop, None, lead_ms=None, threads=2, cache_dir=paths.cache_dir())
    track = lips.track(0)
    track.feed(np.asarray(at_16k, dtype=np.float32))
    track.finish()
    count = int(reading.said_s * LOOP_FPS)
    with LoopReader(loop, out_format="bgr") as reader, bar(f"Filming {out.name}") as report:
        info = reader.info
        with FilmWriter(out, info.width, info.height, LOOP_FPS, rate_hz) as film:
            film.add_sound(sound[: count * rate_hz // LOOP_FPS])
            for patch in track.patches():
                if patch.frame >= count:
                    break
                _, frame = reader.next()
                height, width, _ = patch.bgr.shape
                frame = frame.copy()
                frame[patch.y : patch.y + height, patch.x : patch.x + width] = patch.bgr
                film.add_frame(frame)
                report(patch.frame + 1, count)
    boxes = boxes_for(loop, None)
    shown = {
        "fps": LOOP_FPS,
        "size": [info.width, info.height],
        "face_box_xywh": boxes[np.arange(count) % len(boxes)].round(2).tolist(),
    }
    out.with_name(f"{out.stem}.faces.json").write_text(json.dumps(shown), encoding="utf-8")
    spoken = json.dumps(reading.phonemes, ensure_ascii=False)
    out.with_name(f"{out.stem}.phonemes.json").write_text(spoken, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("out", type=Path, metavar="FILM.mp4")
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--seed", type=int, default=1, help="of the order of the answers")
    given = parser.parse_args()
    persona = load_persona(paths.shipped_dir() / "persona.toml").persona
    texts = [say for answer in persona.answers for say in answer.say]
    random.Random(given.seed).shuffle(texts)
    models = paths.builtin_models_dir()
    voice = PiperVoiceEngine(models / "slt24.onnx")
    reading = read_aloud(voice, iter(texts), given.minutes * 60, given.seed)
    loop = models / "mary-anning" / "idle.mp4"
    write_film(given.out, reading, voice.sample_rate_hz, loop, models / BUILTIN_LIPS)
    print(f"{given.out}: {reading.said_s / 60:.1f} minutes")


if __name__ == "__main__":
    main()

"""Sets of speech with the mouth that belongs to it, on disk."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import BadInput
from kiosk.lipsync.mel import SAMPLE_RATE_HZ, log_mel
from studio.lips.curves import codes_of, loudness_of
from studio.lips.mouths import Code, Sound
from studio.lips.readers import Reader, Utterance, at_16k

PEAK = 0.7
BEFORE_S, AFTER_S = 0.35, 0.60  # of silence round an utterance, so that rest is learnt too
OTHER_SPEAKERS = 0.7  # share of utterances that are played faster or slower: another throat
PLAYED = (0.78, 1.28)
_HEADROOM = 10.0  # mel spectra are kept down to 20 dB below the contract's floor
_HEADROOM_MEL = np.float32(1.6)  # the same in the contract's units


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance of a set.

    Attributes:
        voice: Who speaks.
        text: What.
        mel: As the contract has it, but not cut off at -4, shape (80, columns).
        codes: The mouth at `curves.RATE_HZ`, shape (n, 8).
        sounds: Shapes with their times.
        samples: 16 kHz, -1..1; empty in sets to learn from.
    """

    voice: str
    text: str
    mel: NDArray[np.float32]
    codes: Code
    sounds: list[Sound]
    samples: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Part:
    """What one reader gives to a set.

    Attributes:
        name: Of its file.
        reader: Who reads.
        texts: What is read.
        varied: Whether tempo and pitch change, and other speakers are made of some utterances.
    """

    name: str
    reader: Callable[[], Reader]
    texts: list[str]
    varied: bool = True


def write_part(
    part: Part, folder: Path, *, seed: int, keep_sound: bool, report: Callable[[float, float], None]
) -> float:
    """Write one part, all or nothing; a part that is there is left alone.

    Returns:
        Its length in minutes.
    """
    path = folder / f"{part.name}.npz"
    if path.exists():
        return minutes_of(folder, part.name)
    chance = random.Random(f"{seed} {part.name}")
    said = []
    for utterance in part.reader()(part.texts, chance if part.varied else None):
        other = part.varied and chance.random() < OTHER_SPEAKERS
        factor = chance.uniform(*PLAYED) if other else 1.0
        said.append(_prepared(_played(utterance, factor)))
        report(len(said), len(part.texts))
    _store(said, path, keep_sound)
    return minutes_of(folder, part.name)


def read_part(folder: Path, name: str) -> list[Said]:
    """The utterances of one part.

    Raises:
        BadInput: It has not been written.
    """
    path = folder / f"{name}.npz"
    try:
        with np.load(path) as file:
            content = {key: file[key] for key in file.files}
    except OSError as error:
        raise BadInput("There is no speech yet.", where=path,
                       remedy="Run `speech` first.") from error  # fmt: skip
    facts: list[dict[str, Any]] = json.loads(bytes(content["facts"]))
    return list(_utterances(content, facts))


def minutes_of(folder: Path, name: str) -> float:
    """Length of a part that is there."""
    with np.load(folder / f"{name}.npz") as file:
        return float(file["columns"].sum()) / 80 / 60


def parts_in(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.npz"))


def open_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The contract's spectrogram, but not cut off at its floor: gain and noise come later."""
    return log_mel(samples * np.float32(_HEADROOM)) - _HEADROOM_MEL


def _played(utterance: Utterance, factor: float) -> Utterance:
    """Played slower (above 1) or faster: pitch, throat and tempo change together."""
    if factor == 1.0:
        return utterance
    samples = at_16k(utterance.samples, SAMPLE_RATE_HZ / factor)
    sounds = [(name, start * factor, end * factor) for name, start, end in utterance.sounds]
    return Utterance(utterance.voice, utterance.text, samples, sounds)


def _prepared(utterance: Utterance) -> Said:
    loudest = float(np.abs(utterance.samples).max(initial=1e-6))
    before, after = (round(side_s * SAMPLE_RATE_HZ) for side_s in (BEFORE_S, AFTER_S))
    samples = np.pad(utterance.samples * np.float32(PEAK / loudest), (before, after))
    sounds = [(name, start + BEFORE_S, end + BEFORE_S) for name, start, end in utterance.sounds]
    codes = codes_of(sounds, len(samples) / SAMPLE_RATE_HZ, loudness_of(samples, SAMPLE_RATE_HZ))
    return Said(utterance.voice, utterance.text, open_mel(samples), codes, sounds, samples)


def _store(said: list[Said], path: Path, keep_sound: bool) -> None:
    facts = [
        {"voice": one.voice, "text": one.text, "sounds": [list(sound) for sound in one.sounds]}
        for one in said
    ]
    sound = [one.samples if keep_sound else one.samples[:0] for one in said]
    part = path.with_name(f".{path.stem}.part.npz")
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        part,
        facts=np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8),
        mel=np.concatenate([one.mel for one in said], axis=1).astype(np.float16),
        columns=np.array([one.mel.shape[1] for one in said]),
        codes=np.concatenate([one.codes for one in said]).astype(np.float16),
        moments=np.array([len(one.codes) for one in said]),
        sound=np.concatenate(sound),
        samples=np.array([len(one) for one in sound]),
    )
    part.replace(path)


def _utterances(content: dict[str, NDArray[Any]], facts: list[dict[str, Any]]) -> Iterator[Said]:
    mel, codes, sound = (content[name].astype(np.float32) for name in ("mel", "codes", "sound"))
    ends = [np.cumsum(content[name]) for name in ("columns", "moments", "samples")]
    starts = [end - content[name] for end, name in
              zip(ends, ("columns", "moments", "samples"), strict=True)]  # fmt: skip
    for index, fact in enumerate(facts):
        spans = [slice(start[index], end[index]) for start, end in zip(starts, ends, strict=True)]
        sounds = [(name, start_s, end_s) for name, start_s, end_s in fact["sounds"]]
        yield Said(
            fact["voice"], fact["text"], mel[:, spans[0]], codes[spans[1]], sounds, sound[spans[2]]
        )

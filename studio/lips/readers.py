"""Voices that tell when each of their sounds is heard.

Every reader takes texts and yields what became of each, at 16 kHz. None of them is a recording made
for this: Piper's voices are the kiosk's own, the others are Debian's packages `flite`, `festival`
(with the voices named below) and `espeak-ng`.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.errors import Missing
from kiosk.lipsync.mel import SAMPLE_RATE_HZ
from kiosk.tts import PiperVoiceEngine
from studio.lips.mouths import Sound, from_arpabet, from_ipa, from_letters

PACKAGES = (
    "flite festival espeak-ng festvox-kdlpc16k festvox-italp16k festvox-itapc16k "
    "festvox-suopuhe-lj festvox-suopuhe-mv festvox-czech-dita festvox-czech-krb "
    "festvox-czech-machac festvox-czech-ph festvox-ca-ona-hts"
)
TEMPO = (0.82, 1.25)  # lengths of sounds, over those the voice would choose
FLITE_PITCH = (0.7, 1.5)


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something that was read.

    Attributes:
        voice: Who read.
        text: What.
        samples: Mono, 16 kHz, -1..1.
        sounds: Shapes of the mouth with their times.
    """

    voice: str
    text: str
    samples: NDArray[np.float32]
    sounds: list[Sound]


Reader = Callable[[Sequence[str], random.Random | None], Iterator[Utterance]]
"""Reads texts in order, with a source of chance for tempo and pitch, or None for the voice's own;
leaves out what it cannot read."""


def piper(path: Path) -> Reader:
    """A voice in Piper's format that gives the times of its phonemes."""

    def read(texts: Sequence[str], chance: random.Random | None) -> Iterator[Utterance]:
        for text in texts:
            voice = _paced(path, round(drawn(chance, TEMPO, 1.0), 1))
            sound, phonemes, at_s = [], [], 0.0
            for chunk in voice.speak([text]):
                sound.append(chunk.samples.astype(np.float32) / 32768)
                phonemes += [(name, at_s + a, at_s + b) for name, a, b in chunk.phonemes]
                at_s += chunk.duration_s
            samples = at_16k(np.concatenate(sound), voice.sample_rate_hz)
            yield Utterance(path.stem, text, samples, from_ipa(phonemes))

    return read


_engines: dict[tuple[Path, float], PiperVoiceEngine] = {}


def _paced(path: Path, tempo: float) -> PiperVoiceEngine:
    if (path, tempo) not in _engines:
        _engines[path, tempo] = PiperVoiceEngine(path, rate=1 / tempo)
    return _engines[path, tempo]


def flite(voice: str) -> Reader:
    """One of Flite's own voices: kal16, awb, rms, slt."""
    _require("flite")

    def read(texts: Sequence[str], chance: random.Random | None) -> Iterator[Utterance]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "said.wav"
            for text in texts:
                settings = {
                    "duration_stretch": drawn(chance, TEMPO, 1.0),
                    "f0_shift": drawn(chance, FLITE_PITCH, 1.0),
                }
                options = [f"{name}={value:.2f}" for name, value in settings.items()]
                said = subprocess.run(
                    ["flite", "-voice", voice, "--setf", options[0], "--setf", options[1],
                     "-psdur", "-t", text, "-o", str(file)],
                    capture_output=True, text=True, check=True,
                )  # fmt: skip
                ends = [
                    (name, float(end_s))
                    for name, end_s in re.findall(r"([a-z]+):([\d.]+)", said.stdout)
                ]
                samples, rate_hz = _wave(file)
                phonemes = _spans(_unbroken(ends))
                yield Utterance(
                    f"flite-{voice}", text, at_16k(samples, rate_hz), from_arpabet(phonemes)
                )

    return read


def festival(name: str, voice: str, translate: Callable[[list[Sound]], list[Sound]]) -> Reader:
    """A voice of Festival's, called by ``(voice)``; its sentences are read in one run."""
    _require("festival")

    def read(texts: Sequence[str], chance: random.Random | None) -> Iterator[Utterance]:
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "read.scm"
            lines = [_FESTIVAL.format(voice=voice)]
            for index, text in enumerate(texts):
                plain = text.replace('"', "").replace("\\", "")
                stretch = f"{drawn(chance, TEMPO, 1.0):.2f}"
                lines.append(f'(say "{Path(folder) / str(index)}" "{plain}" {stretch})')
            script.write_text("\n".join(lines) + "\n", encoding="utf-8")
            subprocess.run(["festival", "-b", str(script)], capture_output=True, check=False)
            for index, text in enumerate(texts):
                file = Path(folder) / f"{index}.wav"
                if not file.is_file():
                    continue
                rows = (Path(folder) / f"{index}.lab").read_text("utf-8").split("\n")
                ends = [(row.split()[0], float(row.split()[1])) for row in rows if row.strip()]
                samples, rate_hz = _wave(file)
                yield Utterance(
                    name, text, at_16k(samples, rate_hz), translate(_spans(_unbroken(ends)))
                )

    return read


_FESTIVAL = """\
({voice})
(define (say path text stretch)
  (Parameter.set 'Duration_Stretch stretch)
  (let ((utt (utt.synth (eval (list 'Utterance 'Text text))))
        (file (fopen (string-append path ".lab") "w")))
    (mapcar (lambda (s) (format file "%s %f\\n" (item.name s) (item.feat s "end")))
            (utt.relation.items utt 'Segment))
    (fclose file)
    (utt.save.wave utt (string-append path ".wav") "riff")))
"""

FOREIGN = {
    "lp": "voice_lp_diphone",
    "pc": "voice_pc_diphone",
    "lj": "voice_suo_fi_lj_diphone",
    "mv": "voice_hy_fi_mv_diphone",
    "dita": "voice_czech_dita",
    "krb": "voice_czech_krb",
    "machac": "voice_czech_machac",
    "ph": "voice_czech_ph",
    "ona": "voice_upc_ca_ona_hts",
}
"""Festival's voices of other languages: two Italians, two Finns, four Czechs, a Catalan."""


def foreign(voice: str) -> Reader:
    return festival(f"festival-{voice}", FOREIGN[voice], from_letters)


def kdl() -> Reader:
    """An American of Festival's that Flite does not have."""
    return festival("festival-kdl", "voice_ked_diphone", from_arpabet)


def drawn(chance: random.Random | None, limits: tuple[float, float], usual: float) -> float:
    """Somewhere between the limits; what is usual without chance."""
    return usual if chance is None else chance.uniform(*limits)


def at_16k(samples: NDArray[np.float32], rate_hz: float) -> NDArray[np.float32]:
    """Resampled; a false ``rate_hz`` makes another speaker of it."""
    if rate_hz == SAMPLE_RATE_HZ:
        return samples
    return np.asarray(soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ), dtype=np.float32)


def _unbroken(ends: Iterable[tuple[str, float]]) -> Iterator[tuple[str, float]]:
    """Ends of sounds in a text of several sentences, each of which counts from its own start."""
    last_s = begun_s = 0.0
    for name, end_s in ends:
        if begun_s + end_s < last_s - 1e-3:
            begun_s = last_s
        last_s = begun_s + end_s
        yield name, last_s


def _spans(ends: Iterable[tuple[str, float]]) -> list[Sound]:
    spans: list[Sound] = []
    for name, end_s in ends:
        spans.append((name, spans[-1][2] if spans else 0.0, end_s))
    return spans


def _wave(path: Path) -> tuple[NDArray[np.float32], int]:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        return samples.astype(np.float32) / np.float32(32768), file.getframerate()


def _require(program: str) -> None:
    if shutil.which(program) is None:
        raise missing(program)


def missing(program: str) -> Missing:
    return Missing(f"{program} is not installed.", remedy=f"On Debian: apt install {PACKAGES}")

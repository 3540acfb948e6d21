"""Voices that tell when each of their sounds is heard.

Every reader takes texts and yields what became of each, at 16 kHz. None of them is a recording made
for this: Piper's voices are the kiosk's own, the others are Debian's packages `flite`, `festival`
(with the voices named below) and `espeak-ng`.
"""

from __future__ import annotations

import ctypes
import ctypes.util
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
ESPEAK_PACE = (130, 190)  # words a minute
ESPEAK_PITCH = (25, 75)


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
            voice = _paced(path, round(_drawn(chance, TEMPO), 1))
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
                    "duration_stretch": _drawn(chance, TEMPO),
                    "f0_shift": _drawn(chance, FLITE_PITCH),
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
                stretch = f"{_drawn(chance, TEMPO):.2f}"
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


def espeak(voices: Sequence[str]) -> Reader:
    """espeak-ng's formant synthesis, another voice and variant for each text."""
    library = ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1"

    def read(texts: Sequence[str], chance: random.Random | None) -> Iterator[Utterance]:
        speak = _Espeak(library)
        for index, text in enumerate(texts):
            voice = voices[index % len(voices)]
            said = speak.say(
                text, voice, round(_drawn(chance, ESPEAK_PACE)), round(_drawn(chance, ESPEAK_PITCH))
            )
            if said is not None:
                yield Utterance("espeak", text, said[0], from_ipa(said[1]))

    return read


ESPEAK_ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-029",
                  "en-gb-x-gbcwmd")  # fmt: skip
ESPEAK_VARIANTS = tuple(
    "f1 f2 f3 f4 f5 m1 m2 m3 m4 m5 m6 m7 m8 klatt klatt2 klatt4 klatt5 klatt6 linda steph steph2 "
    "steph3 michael Michael john grandma grandpa zac belinda benjamin anika edward edward2 travis "
    "adam Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario "
    "Mike Nguyen antonio aunty boris caleb david ed gustave iven iven2 iven3 iven4 kaukovalta "
    "marcelo max michel miguel norbert pablo paul pedro quincy rob robert sandro shelby "
    "victor".split()
)


class _Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h."""

    _fields_ = (
        ("kind", ctypes.c_int), ("identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
        ("length", ctypes.c_int), ("audio_ms", ctypes.c_int), ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p), ("name", ctypes.c_char * 8),
    )  # fmt: skip


class _Espeak:
    """The library, told to hand over samples and phoneme events instead of playing."""

    _SYNCHRONOUS, _PHONEMES_AS_IPA, _PHONEME_EVENT = 2, 3, 7
    _RATE, _PITCH, _UTF8 = 1, 3, 1

    def __init__(self, library: str) -> None:
        try:
            self._library = ctypes.CDLL(library)
        except OSError as error:
            raise _missing("espeak-ng") from error
        self._rate_hz = self._library.espeak_Initialize(
            self._SYNCHRONOUS, 0, None, self._PHONEMES_AS_IPA
        )
        self._sound: list[NDArray[np.int16]] = []
        self._begun: list[tuple[str, float]] = []
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
        )
        self._callback = kind(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: object) -> int:
        if count > 0:
            self._sound.append(np.ctypeslib.as_array(samples, (count,)).copy())
        for event in iter(events):  # type: ignore[call-overload]
            if event.kind == 0:
                break
            if event.kind == self._PHONEME_EVENT:
                self._begun.append((event.name.decode("utf-8", "ignore"), event.audio_ms / 1000))
        return 0

    def say(
        self, text: str, voice: str, words_a_minute: int, pitch: int
    ) -> tuple[NDArray[np.float32], list[Sound]] | None:
        self._sound.clear()
        self._begun.clear()
        self._library.espeak_SetVoiceByName(voice.encode())
        self._library.espeak_SetParameter(self._RATE, words_a_minute, 0)
        self._library.espeak_SetParameter(self._PITCH, pitch, 0)
        said = text.encode() + b"\0"
        self._library.espeak_Synth(said, len(said), 0, 1, 0, self._UTF8, None, None)
        self._library.espeak_Synchronize()
        if not self._sound or not self._begun:
            return None
        samples = np.concatenate(self._sound).astype(np.float32) / 32768
        ends_s = [begin_s for _, begin_s in self._begun[1:]] + [len(samples) / self._rate_hz]
        sounds = [
            (name or "_", begin_s, end_s)
            for (name, begin_s), end_s in zip(self._begun, ends_s, strict=True)
        ]
        return at_16k(samples, self._rate_hz), sounds


def _drawn(chance: random.Random | None, limits: tuple[float, float]) -> float:
    """Between the limits, or their middle where that is what the voice does by itself: about 1."""
    if chance is None:
        return 1.0 if limits[1] < 2 else sum(limits) / 2
    return chance.uniform(*limits)


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
        return samples.astype(np.float32) / 32768, file.getframerate()


def _require(program: str) -> None:
    if shutil.which(program) is None:
        raise _missing(program)


def _missing(program: str) -> Missing:
    return Missing(f"{program} is not installed.", remedy=f"On Debian: apt install {PACKAGES}")

"""Voices of this machine, and the room between them and the recogniser: for measuring."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from piper import PiperVoice

from kiosk import paths
from kiosk.asr.hearing import SAMPLE_RATE_HZ
from kiosk.audio import read_wav

PIPER_VOICES = ("slt24", "rms16")
FLITE_VOICES = ("kal16", "awb", "slt", "rms")
ESPEAK_VOICES = ("en-gb", "en-us+f3")
ROOM_NOISE_LEVEL = 8.0  # standard deviation of 16-bit samples: a quiet room
# Sound before the first word, which includes the half second from before the press: the button
# pressed long before speaking, as usual, and after the first word has begun.
LEAD_S = {"early": 1.5, "usual": 0.5, "late": -0.1}

Samples = NDArray[np.int16]
Speak = Callable[[str], Samples]


@dataclass(frozen=True, slots=True)
class Room:
    """How speech reaches the recogniser.

    Attributes:
        noise_db: Mean power of the speech over that of pink noise; None for a quiet room.
        lead_s: Sound before the first word; less than nothing: its beginning is cut off.
    """

    noise_db: float | None = None
    lead_s: float = LEAD_S["usual"]

    def hear(self, speech: Samples, seed: int) -> Samples:
        """Speech in the room, and a quarter of a second more of the room."""
        lead = round(self.lead_s * SAMPLE_RATE_HZ)
        sound = speech[max(0, -lead) :].astype(np.float64)
        padded = np.pad(sound, (max(0, lead), SAMPLE_RATE_HZ // 4))
        random = np.random.default_rng(seed)
        noise = random.normal(0, ROOM_NOISE_LEVEL, padded.size)
        if self.noise_db is not None:
            level = np.sqrt(np.mean(sound**2)) / 10 ** (self.noise_db / 20)
            noise = level * pink_noise(padded.size, random)
        return np.clip(padded + noise, -32768, 32767).astype(np.int16)


def pink_noise(count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Noise with as much power in every octave, standard deviation 1."""
    spectrum = np.fft.rfft(random.normal(size=count))
    steps = np.maximum(np.arange(spectrum.size), 1)
    noise = np.fft.irfft(spectrum / np.sqrt(steps), count)
    scaled: NDArray[np.float64] = noise / np.std(noise)
    return scaled


def voices() -> Iterator[tuple[str, Speak]]:
    """Name of each voice on this machine, and what speaks with it."""
    for name in PIPER_VOICES:
        yield name, piper_speaker(paths.builtin_models_dir() / f"{name}.onnx")
    if program := shutil.which("flite"):
        for name in FLITE_VOICES:
            yield name, flite_speaker(program, name)
    if program := shutil.which("espeak-ng"):
        for name in ESPEAK_VOICES:
            yield name, espeak_speaker(program, name)


def piper_speaker(model: Path) -> Speak:
    voice = PiperVoice.load(model)

    def speak(text: str) -> Samples:
        sound = np.concatenate([chunk.audio_int16_array for chunk in voice.synthesize(text)])
        speech = soxr.resample(sound.astype(np.float32), voice.config.sample_rate, SAMPLE_RATE_HZ)
        samples: Samples = np.clip(speech, -32768, 32767).astype(np.int16)
        return samples

    return speak


def flite_speaker(program: str, voice: str) -> Speak:
    def speak(text: str) -> Samples:
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "speech.wav"
            subprocess.run([program, "-voice", voice, "-t", text, "-o", str(file)], check=True)
            return read_wav(file)[0]

    return speak


def espeak_speaker(program: str, voice: str) -> Speak:
    def speak(text: str) -> Samples:
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "speech.wav"
            command = [program, "-v", voice, "-s", "150", "-w", str(file), text]
            subprocess.run(command, check=True)
            return read_wav(file)[0]

    return speak

"""How good the persona's lips are: `kiosk bench lips --quality`."""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk import paths
from kiosk.engine.bench.figures import THREADS
from kiosk.engine.parts import PartsLoader
from kiosk.lipsync import load_lips
from kiosk.lipsync.mel import SAMPLE_RATE_HZ
from kiosk.lipsync.quality import Phoneme, measure_quality
from kiosk.messages import Speaking
from kiosk.persona import LoadedPersona, Persona, lips_path, loop_path
from kiosk.tts import PiperVoiceEngine
from kiosk.video.footage import face_place

SPEECH_S = 12.0


def lips_quality(loaded: LoadedPersona) -> dict[str, Any]:
    """Figures of the persona's own lips, and of the warp, over the persona's own answers."""
    voice = PartsLoader(loaded, THREADS).voice(Speaking.PERSONA)
    samples, phonemes = _speech(voice, loaded.persona)
    portrait = loaded.persona.portrait
    model = lips_path(loaded)
    figures = {}
    for name, file in (("persona", model), ("warp", None)):
        lips = load_lips(
            file,
            loop_path(loaded),
            face_place(loaded),
            lead_ms=portrait.lips_lead_ms if file else None,
            threads=THREADS,
            cache_dir=paths.cache_dir(),
        )
        figures[name] = measure_quality(lips, samples, phonemes)
    return figures


def _speech(voice: PiperVoiceEngine, persona: Persona) -> tuple[NDArray[np.float32], list[Phoneme]]:
    """Some of the persona's answers at 16 kHz, and when each sound of them is said."""
    pieces: list[NDArray[np.int16]] = []
    phonemes: list[Phoneme] = []
    said_s = 0.0
    for chunk in voice.speak(one.say[0] for one in persona.answers):
        phonemes += [(name, said_s + start, said_s + end) for name, start, end in chunk.phonemes]
        pieces.append(chunk.samples)
        said_s += chunk.duration_s
        if said_s >= SPEECH_S:
            break
    samples = np.concatenate(pieces).astype(np.float32) / 32768
    at_16k = soxr.resample(samples, voice.sample_rate_hz, SAMPLE_RATE_HZ)
    return np.asarray(at_16k, dtype=np.float32), phonemes

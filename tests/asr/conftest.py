"""One built-in model for the whole session, and speech from the shipped voices."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray
from piper import PiperVoice

from kiosk.asr.builtin.cache import build_apart
from kiosk.asr.builtin.report import BuildReport
from kiosk.asr.hearing import SAMPLE_RATE_HZ
from kiosk.asr.model_folder import ENGINE_FILE
from kiosk.asr.recogniser import VoskRecogniser
from kiosk.asr.spec import VocabularySpec
from kiosk.paths import builtin_models_dir

QUESTIONS = (
    "when were you born",
    "where did you find your first fossil",
    "tell me about the ichthyosaur",
    "what happened to your dog",
    "did you ever go to london",
)
JFK = (
    "and so my fellow americans",
    "ask not what your country can do for you ask what you can do for your country",
)
SPEC = VocabularySpec(
    phrasings=(*QUESTIONS, *JFK),
    words=("Mary Anning", "Lyme Regis", "ichthyosaur", "Cholmondeley", "Ωμέγα"),
    pronunciations={"Lyme Regis": "lime ree-jis", "Cholmondeley": "chum-lee"},
)

Speak = Callable[[str, str], NDArray[np.int16]]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    return build_apart(tmp_path_factory.mktemp("asr") / "model", SPEC)


@pytest.fixture(scope="session")
def recogniser(report: BuildReport) -> VoskRecogniser:
    return VoskRecogniser(report.folder)


@pytest.fixture(scope="session")
def raw_recogniser(report: BuildReport, tmp_path_factory: pytest.TempPathFactory) -> VoskRecogniser:
    """The same model, fed with the sound as it is."""
    folder = tmp_path_factory.mktemp("asr") / "raw"
    shutil.copytree(report.folder, folder)
    properties = json.loads((folder / ENGINE_FILE).read_text("utf-8"))
    (folder / ENGINE_FILE).write_text(json.dumps(properties | {"noise_removal": False}))
    return VoskRecogniser(folder)


@pytest.fixture(scope="session")
def speak() -> Speak:
    """Speech of a shipped voice at 16 kHz, in the faint noise of a quiet room."""
    voices: dict[str, PiperVoice] = {}

    def speak(voice: str, text: str) -> NDArray[np.int16]:
        if voice not in voices:
            voices[voice] = PiperVoice.load(builtin_models_dir() / f"{voice}.onnx")
        engine = voices[voice]
        sound = np.concatenate([c.audio_int16_array for c in engine.synthesize(text)])
        speech = soxr.resample(sound.astype(np.float32), engine.config.sample_rate, SAMPLE_RATE_HZ)
        pause = np.zeros(SAMPLE_RATE_HZ // 2)
        room = np.random.default_rng(1).normal(0, 8, speech.size + 2 * pause.size)
        return np.clip(np.concatenate([pause, speech, pause]) + room, -32768, 32767).astype(
            np.int16
        )

    return speak


def hear(
    recogniser: VoskRecogniser, sound: NDArray[np.int16], block: int = 480
) -> tuple[str, list[str], float]:
    """Final text, the partial texts on the way, and the confidence."""
    session = recogniser.session()
    partials = [session.feed(sound[i : i + block]) for i in range(0, sound.size, block)]
    hearing = session.finish()
    return hearing.text, partials, hearing.confidence

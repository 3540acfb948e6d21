"""Load everything a visitor needs, and say what is really in use.

Each part has something to fall back on, so that a broken download or a missing microphone never
leaves the portrait dumb: the built-in voice, the mouth-opening warp, typed questions, captions.
What was replaced is told to staff in one sentence. Only without answers or any voice is there
nothing to serve.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from kiosk import paths
from kiosk.answer import Answerer, ChatModel, Embedder
from kiosk.asr import VoskRecogniser, ensure_builtin_model, vocabulary_spec
from kiosk.engine.voices import PreparedVoice
from kiosk.errors import KioskError
from kiosk.lipsync import LipSync, load_lips
from kiosk.messages import Shape, Speaking
from kiosk.persona import LoadedPersona, lips_path, resolve_asset
from kiosk.tts import PiperVoiceEngine
from kiosk.video.footage import Footage, footage_of

log = logging.getLogger(__name__)
T = TypeVar("T")

BUILTIN_VOICE = "slt24.onnx"
BUILTIN_NEUTRAL_VOICE = "rms16.onnx"
BUILTIN_EMBEDDER = "all-MiniLM-L6-v2-q8_0.gguf"


@dataclass
class Parts:
    """Attributes:
    recogniser: None if speech cannot be recognised; typed questions still work.
    answerer: Prepared answers and, if there is one, the chat model.
    voices: The persona's and the kiosk's own.
    lips: Lips over the idle loop of ``shape``.
    engines: Part to what is really in use.
    shape: Which of the persona's idle loops the lips belong to.
    faults: What was replaced and why, one sentence each, for staff.
    """

    recogniser: VoskRecogniser | None
    answerer: Answerer
    voices: dict[Speaking, PreparedVoice]
    lips: LipSync
    engines: dict[str, str]
    shape: Shape = Shape.WIDE
    faults: list[str] = field(default_factory=list)


def recogniser_folder(loaded: LoadedPersona) -> Path:
    """Folder of the Vosk model to use; builds the built-in one if persona.toml names none."""
    persona = loaded.persona
    if persona.recognition.model:
        return resolve_asset(loaded, persona.recognition.model, builtin="", key="recognition.model")
    spec = vocabulary_spec(persona)
    try:
        return ensure_builtin_model(spec, paths.cache_dir(), language=persona.language)
    except OSError:  # no disk to write to: for the running time only
        folder = Path(tempfile.gettempdir()) / paths.APP
        return ensure_builtin_model(spec, folder, language=persona.language)


class PartsLoader:
    """Aim: load each part once, with its fall-back, and collect what staff should know.

    Args:
        loaded: The persona.
        threads: For each model.
        shape: Of the screen: which idle loop the lips are for.
    """

    def __init__(self, loaded: LoadedPersona, threads: int, shape: Shape = Shape.WIDE) -> None:
        self.loaded = loaded
        self.threads = threads
        self.shape = shape
        self.faults: list[str] = []
        self.llm_name = f"llama.cpp {Path(BUILTIN_EMBEDDER).stem}"

    def load(self) -> Parts:
        """Load everything; raises KioskError only if nothing could be answered or said."""
        recogniser = self.recogniser()
        answerer = self.answerer()
        persona_voice = self.voice(Speaking.PERSONA)
        kiosk_voice = self.voice(Speaking.KIOSK)
        lips = self.lips()
        engines = {
            "asr": recogniser.name if recogniser is not None else "none",
            "llm": self.llm_name,
            "tts": persona_voice.name,
            "lips": f"{lips.name} ({lips.provider})",
        }
        voices = {
            Speaking.PERSONA: PreparedVoice(persona_voice),
            Speaking.KIOSK: PreparedVoice(kiosk_voice),
        }
        for fault in self.footage.faults:
            log.warning("left out: %s", fault)
            self.faults.append(fault)
        shape = self.footage.shape
        return Parts(recogniser, answerer, voices, lips, engines, shape, self.faults)

    @cached_property
    def footage(self) -> Footage:
        """The loops that are shown."""
        return footage_of(self.loaded, self.shape)

    def recogniser(self) -> VoskRecogniser | None:
        def named() -> VoskRecogniser | None:
            return VoskRecogniser(recogniser_folder(self.loaded), threads=1)

        return self._or("speech recognition", named, lambda: None)

    def answerer(self) -> Answerer:
        embedder = Embedder(
            paths.builtin_models_dir() / BUILTIN_EMBEDDER, threads=1, cache_dir=paths.cache_dir()
        )
        persona = self.loaded.persona
        chat = None
        if persona.chat.model:
            chat = self._or("chat model", self._chat, lambda: None)
        if chat is not None:
            self.llm_name = chat.name
        return Answerer(persona, embedder, chat)

    def voice(self, speaking: Speaking) -> PiperVoiceEngine:
        settings = self.loaded.persona.voice
        own = speaking is Speaking.PERSONA
        value = settings.model if own else settings.neutral_model
        builtin = BUILTIN_VOICE if own else BUILTIN_NEUTRAL_VOICE
        key = "voice.model" if own else "voice.neutral_model"

        def load(name: str) -> PiperVoiceEngine:
            path = resolve_asset(self.loaded, name, builtin=builtin, key=key)
            rate = settings.rate if own else 1.0
            return PiperVoiceEngine(path, rate=rate, pronunciations=dict(settings.pronunciations))

        return self._or("voice", lambda: load(value), lambda: load(""))

    def lips(self) -> LipSync:
        portrait = self.loaded.persona.portrait
        footage = self.footage

        def load(warp: bool) -> LipSync:
            return load_lips(
                None if warp else lips_path(self.loaded),
                footage.idle,
                footage.place,
                lead_ms=portrait.lips_lead_ms,
                threads=self.threads,
                cache_dir=paths.cache_dir(),
            )

        return self._or("lips", lambda: load(warp=False), lambda: load(warp=True))

    def _chat(self) -> ChatModel | None:
        chat = self.loaded.persona.chat
        path = resolve_asset(self.loaded, chat.model, builtin="", key="chat.model")
        return ChatModel(path, context_tokens=chat.context_tokens, threads=self.threads)

    def _or(self, part: str, first: Callable[[], T], second: Callable[[], T]) -> T:
        try:
            return first()
        except (KioskError, OSError) as error:  # OSError: a full or read-only disk
            log.warning("%s replaced: %s", part, error)
            self.faults.append(f"{part}: {error}")
            return second()

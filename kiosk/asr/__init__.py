"""Speech recognition: Vosk, on an official model or on one built from the persona's own words."""

from kiosk.asr.builtin.cache import ensure_builtin_model
from kiosk.asr.hearing import Hearing, Recogniser, RecognitionSession, WordHeard
from kiosk.asr.recogniser import VoskRecogniser
from kiosk.asr.spec import VocabularySpec, vocabulary_spec

__all__ = [
    "Hearing",
    "Recogniser",
    "RecognitionSession",
    "VocabularySpec",
    "VoskRecogniser",
    "WordHeard",
    "ensure_builtin_model",
    "vocabulary_spec",
]

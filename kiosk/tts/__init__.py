"""Speech synthesis with Piper voices: chunk by chunk, with the time of every word and phoneme."""

from kiosk.tts.chunks import split_chunks
from kiosk.tts.piper_voice import PiperVoiceEngine
from kiosk.tts.speech import PhonemeTiming, SpeechChunk, WordTiming

__all__ = ["PhonemeTiming", "PiperVoiceEngine", "SpeechChunk", "WordTiming", "split_chunks"]

"""A voice that remembers what it has just prepared.

The first chunk of an answer decides how long the visitor waits. When the words so far already point
to one answer, its first chunk is synthesised before the button is released and found here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from kiosk.timing import CancelToken
from kiosk.tts import PiperVoiceEngine, SpeechChunk, split_chunks

MOST_PREPARED = 24  # first chunks of about 2 s: some 2 MB


class PreparedVoice:
    """Aim: `PiperVoiceEngine.speak`, with chunks that may be ready beforehand.

    Used by one thread.
    """

    def __init__(self, voice: PiperVoiceEngine) -> None:
        self.voice = voice
        self._ready: OrderedDict[str, SpeechChunk] = OrderedDict()

    def prepare(self, sentences: Iterable[str]) -> None:
        """Synthesise the first chunk of what will probably be said."""
        for text in split_chunks(sentences):
            if text not in self._ready:
                self._ready[text] = self.voice.synthesise(text)
                while len(self._ready) > MOST_PREPARED:
                    self._ready.popitem(last=False)
            return

    def forget(self) -> None:
        """Between visits: what was prepared tells what was asked."""
        self._ready.clear()

    def speak(self, sentences: Iterable[str], cancel: CancelToken) -> Iterator[SpeechChunk]:
        """Yield chunks in order; raises Cancelled between two chunks."""
        for text in split_chunks(sentences):
            cancel.check()
            ready = self._ready.get(text)
            yield ready if ready is not None else self.voice.synthesise(text)

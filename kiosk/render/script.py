"""What a film says and when, collected while it is spoken."""

from __future__ import annotations

import json
import math

from kiosk.render.subtitles import Title, as_srt, as_vtt, titles_of
from kiosk.render.visemes import viseme_record, viseme_timeline
from kiosk.tts import PhonemeTiming, SpeechChunk, WordTiming
from kiosk.video import LOOP_FPS

LEAD_IN_TICKS = 10
"""Pictures of the resting face before the first sound: 0.4 s, so that no player swallows a word."""

REST_TICKS = LOOP_FPS
"""Pictures of the resting face after the last: a calm second."""

VISEMES = "visemes.json"


class Script:
    """Words and phonemes on the film's own time line."""

    def __init__(self) -> None:
        self._spoken_until_s = LEAD_IN_TICKS / LOOP_FPS
        self._words: list[WordTiming] = []
        self._phonemes: list[PhonemeTiming] = []

    def add(self, chunk: SpeechChunk) -> None:
        """The next stretch of speech."""
        at_s = self._spoken_until_s
        self._words += [WordTiming(w, at_s + s, at_s + e) for w, s, e in chunk.words]
        self._phonemes += [PhonemeTiming(p, at_s + s, at_s + e) for p, s, e in chunk.phonemes]
        self._spoken_until_s += chunk.duration_s

    @property
    def duration_s(self) -> float:
        """Of the film, as far as it is known."""
        return self._spoken_until_s + REST_TICKS / LOOP_FPS

    @property
    def ticks(self) -> int:
        """Pictures of the portrait that last as long."""
        return math.ceil(round(self.duration_s * LOOP_FPS, 6))  # 2.0000000001 is two

    def titles(self) -> list[Title]:
        return titles_of(self._words, self.duration_s)

    def files(self, duration_s: float, fps: int, voice: str) -> dict[str, str]:
        """Everything that may lie beside the film, by kind; empty if no words are known.

        Args:
            duration_s: Of the finished film.
            fps: Of the film.
            voice: Its name.
        """
        if not self._words:
            return {}
        titles = self.titles()
        timeline = viseme_timeline(self._phonemes, duration_s)
        record = viseme_record(timeline, duration_s=duration_s, fps=fps, voice=voice)
        return {
            "srt": as_srt(titles),
            "vtt": as_vtt(titles),
            VISEMES: json.dumps(record, ensure_ascii=False, indent=1) + "\n",
        }

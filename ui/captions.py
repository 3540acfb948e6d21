"""Large captions: every word of the answer, lit when it is spoken."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Theme

_SIZE = 40  # of the letters at 1080p: read by somebody who stands back from the screen
_LINE_HEIGHT = 1.34
_LINES_AHEAD = 1  # lines kept in view below the one that is being spoken


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start_s: float


class Captions(QWidget):
    """Words in time with the sound; scrolls line by line when the answer is longer than the place.

    Each word is lit when the audio position reaches it, so captions and lips share a clock.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("captions")
        self._theme = theme
        self._utterance_id = -1
        self._words: list[_Word] = []
        self._starts_s: list[float] = []
        self._lines: list[tuple[int, int]] = []  # word range of each line
        self._spoken = 0

    def add(self, utterance_id: int, words: tuple[tuple[str, float, float], ...]) -> None:
        """Append a chunk; the first chunk of another utterance replaces what was there."""
        if utterance_id != self._utterance_id:
            self.clear()
            self._utterance_id = utterance_id
        self._words += [_Word(text, start_s) for text, start_s, _ in words]
        self._starts_s = [word.start_s for word in self._words]
        self.setAccessibleName(self.text())
        self._wrap()

    def follow(self, audio_s: float) -> None:
        """Light the words up to this position of the utterance; never takes one back."""
        spoken = bisect_right(self._starts_s, audio_s)
        if spoken > self._spoken:
            self._spoken = spoken
            self.update()

    def cut(self, heard_s: float) -> None:
        """The answer was interrupted: keep only the words that were really heard."""
        spoken = max(self._spoken, bisect_right(self._starts_s, heard_s))
        del self._words[spoken:], self._starts_s[spoken:]
        self._spoken = len(self._words)
        self.setAccessibleName(self.text())
        self._wrap()

    def clear(self) -> None:
        self._words, self._starts_s, self._lines = [], [], []
        self._spoken, self._utterance_id = 0, -1
        self.setAccessibleName("")
        self.update()

    def text(self) -> str:
        """All words so far."""
        return " ".join(word.text for word in self._words)

    def spoken_text(self) -> str:
        """Words that have been lit."""
        return " ".join(word.text for word in self._words[: self._spoken])

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        self._wrap()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._wrap()

    # --- drawing -------------------------------------------------------------------------------

    def _font_metrics(self) -> QFontMetricsF:
        return QFontMetricsF(self._theme.serif(_SIZE, reading=True))

    def _wrap(self) -> None:
        metrics = self._font_metrics()
        space, width = metrics.horizontalAdvance(" "), self.width()
        self._lines = []
        first, used = 0, 0.0
        for place, word in enumerate(self._words):
            advance = metrics.horizontalAdvance(word.text)
            if place > first and used + space + advance > width:
                self._lines.append((first, place))
                first, used = place, advance
            else:
                used += advance + (space if place > first else 0.0)
        if first < len(self._words):
            self._lines.append((first, len(self._words)))
        self.update()

    def _first_line(self, visible: int) -> int:
        current = max(0, self._spoken - 1)
        line = next((i for i, (_, end) in enumerate(self._lines) if current < end), 0)
        last_start = max(0, len(self._lines) - visible)
        return min(max(0, line + 1 + _LINES_AHEAD - visible), last_start)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        font = theme.serif(_SIZE, reading=True)
        painter.setFont(font)
        metrics = self._font_metrics()
        step = metrics.height() * _LINE_HEIGHT * 0.86
        visible = 1 + max(0, int((self.height() - metrics.height()) // step))
        space = metrics.horizontalAdvance(" ")
        first = self._first_line(visible)
        y = metrics.ascent()
        for start, end in self._lines[first : first + visible]:
            x = 0.0
            for place in range(start, end):
                painter.setPen(theme.text if place < self._spoken else theme.coming)
                painter.drawText(QPointF(x, y), self._words[place].text)
                x += metrics.horizontalAdvance(self._words[place].text) + space
            y += step
        painter.end()

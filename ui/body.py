"""The middle of the panel: what is heard, what is answered, and what one could ask."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from kiosk.messages import State
from ui.attract import Attract
from ui.captions import Captions
from ui.strings import Strings
from ui.suggestions import SuggestionList
from ui.theme import Theme
from ui.widgets import Passage

# An answer or a notice stays this long where the suggestions do not fit below it.
LINGER_MS = 10_000
_MESSAGE_SIZE = 48  # few words, so they may be large
_LOW = 400  # design height below which there is room for one correction beside an answer, not two
_ROOMY = 520  # design height from which answer and suggestions stand together


class Body(QWidget):
    """Shows by state; keeps nothing of a visit after ``clear``.

    Attributes:
        captions: The answer.
        suggestions: Three questions.
        attract: The invitation.

    Signals:
        asked(str): A suggested question was tapped.
    """

    asked = Signal(str)

    def __init__(
        self, theme: Theme, parent: QWidget, strings: Strings, questions: tuple[str, ...]
    ) -> None:
        super().__init__(parent)
        self.setObjectName("body")
        self._theme = theme
        self._strings = strings
        self._state = State.BOOTING
        self._available = True
        self._lingering = False
        self._instead = False
        self._closed_text = strings["closed"]
        self.captions = Captions(theme, self)
        self.suggestions = SuggestionList(theme, self)
        self._questions = questions
        self.attract = Attract(theme, self, invitation=strings["invitation"], questions=questions)
        self._heard = Passage(theme, self, name="heard", size=25, muted=True)
        self._heard.sans = True
        self._message = Passage(theme, self, name="message", size=_MESSAGE_SIZE)
        self._title = Passage(theme, self, name="suggestions-title", size=23, muted=True)
        self._title.sans = True
        self._title.show_text(strings["suggestions"])
        self._heard_text = ""
        self._notice = ""
        self._linger = QTimer(self)
        self._linger.setSingleShot(True)
        self._linger.setInterval(LINGER_MS)
        self._linger.timeout.connect(self._lingered)
        self.suggestions.chosen.connect(self.asked)
        self.attract.chosen.connect(self.asked)
        self.arrange()

    # --- what happens --------------------------------------------------------------------------

    def show_state(self, state: State) -> None:
        if state is State.LISTENING and self._state is not State.LISTENING:
            self._heard_text = self._notice = ""
            self.captions.clear()
        if state is State.SPEAKING:
            self._notice = ""
        if state in (State.ATTRACT, State.CLOSED, State.FAULT):
            self.captions.clear()
            self._notice = self._heard_text = ""
        self._state = state
        self._stay()
        self.arrange()

    def show_available(self, available: bool) -> None:
        """Whether the engine is there at all."""
        self._available = available
        if not available:
            self.captions.clear()
            self._heard_text = self._notice = ""
        self.arrange()

    def show_heard(self, text: str) -> None:
        self._heard_text = text[:1].upper() + text[1:]  # recognisers write no capitals
        self.arrange()

    def show_notice(self, text: str) -> None:
        self._notice = text
        self.captions.clear()
        self._stay()
        self.arrange()

    def show_closed(self, text: str) -> None:
        """Words for the time when the house is closed."""
        self._closed_text = text
        self.arrange()

    def offer(self, questions: tuple[str, ...], *, instead: bool) -> None:
        """Questions to tap; ``instead`` of what is being answered: shown beside the answer."""
        self._instead = instead
        self._title.show_text(self._strings["instead" if instead else "suggestions"])
        self._questions = questions
        self.arrange()

    def clear(self) -> None:
        """Forget everything about the visit."""
        self._heard_text = self._notice = ""
        self._lingering = self._instead = False
        self._linger.stop()
        self.captions.clear()
        self.arrange()

    def message(self) -> str:
        """The words in the large serif, empty if there are none."""
        return self._message.text() if not self._message.isHidden() else ""

    def heard(self) -> str:
        return self._heard_text

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        for part in (
            self.captions,
            self.suggestions,
            self.attract,
            self._heard,
            self._message,
            self._title,
        ):
            part.restyle(theme)
        self.arrange()

    # --- arrangement ---------------------------------------------------------------------------

    def _stay(self) -> None:
        """What was said stays for a while before the suggestions take its place."""
        self._lingering = self._state is State.IDLE and bool(self.captions.text() or self._notice)
        if self._lingering:
            self._linger.start()

    def _lingered(self) -> None:
        self._lingering = False
        self.arrange()

    def _message_text(self) -> str:
        if not self._available or self._state is State.BOOTING:
            return self._strings["moment"]
        match self._state:
            case State.FAULT:
                return self._strings["fault"]
            case State.CLOSED:
                return self._closed_text
            case State.LISTENING:
                return self._heard_text or self._strings["listening"]
            case State.TRANSCRIBING | State.THINKING:
                return self._heard_text
            case State.IDLE:
                return self._notice
            case _:
                return "" if self.captions.text() else self._notice

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        """Decide what is visible, and where."""
        state, theme = self._state, self._theme
        message = self._message_text()
        invites = self._available and state is State.ATTRACT
        answers = self._available and bool(self.captions.text()) and not message
        roomy = self.height() >= theme.px(_ROOMY)
        corrects = self._instead and state is State.SPEAKING and bool(self.captions.text())
        offers = self._available and (state is State.IDLE or corrects)
        if offers and not corrects and (answers or message) and not roomy:
            offers = not self._lingering
            answers = answers and self._lingering
            message = message if self._lingering else ""
        hears = state in (State.LISTENING, State.TRANSCRIBING, State.THINKING)
        self.attract.setVisible(invites)
        self.captions.setVisible(answers)
        most = (1 if self.height() < theme.px(_LOW) else 2) if corrects else len(self._questions)
        self.suggestions.offer(self._questions[:most])
        self.suggestions.setVisible(offers)
        self._message.setVisible(bool(message) and not invites)
        self._message.show_text(message)
        self._heard.setVisible(bool(self._heard_text) and (answers or hears))
        self._heard.show_text(
            f"{self._strings['heard']}: “{self._heard_text}”" if answers else self._strings["heard"]
        )
        self._place(offers=offers, hears=hears)

    def _place(self, *, offers: bool, hears: bool) -> None:
        theme, width, height = self._theme, self.width(), self.height()
        self.attract.setGeometry(0, 0, width, height)
        bottom = height
        if offers:
            title_h = theme.px(40)
            beside = not self.captions.isHidden() or not self._message.isHidden()
            list_h = self.suggestions.height_in(height // 3 if beside else height - title_h)
            list_top = max(0, height - list_h)
            if beside and height < theme.px(_LOW):
                title_h = 0  # the answer needs the line
            if not beside:
                list_top = min(list_top, theme.px(56))
            self.suggestions.setGeometry(0, list_top, width, list_h)
            title_h = min(title_h, list_top)
            self._title.setVisible(title_h >= theme.px(30))
            self._title.setGeometry(0, list_top - title_h, width, title_h)
            bottom = max(0, list_top - title_h - theme.px(16))
        else:
            self._title.setVisible(False)
        top = 0
        if not self._heard.isHidden() or hears:  # the first word must not move what follows
            need = self._heard.needed_height(width, theme.px(84))
            self._heard.setGeometry(0, 0, width, need)
            top = need + theme.px(14)
        self.captions.setGeometry(0, top, width, max(0, bottom - top))
        self._message.setGeometry(0, top, width, max(0, bottom - top))

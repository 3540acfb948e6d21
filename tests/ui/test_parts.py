"""Parts that need no window: texts, colours, places, PIN."""

from __future__ import annotations

import string
from typing import get_args

import pytest
from PySide6.QtGui import QRawFont

from kiosk.messages import NoticeKind
from kiosk.persona.schema import Language
from kiosk.persona.schema import Theme as ThemeKeys
from ui import strings as texts
from ui.fonts import load_fonts
from ui.layout import MIN_ROW_PX, MIN_TALK_PX, plan
from ui.staff import FIRST_LOCK_S, FREE_TRIES, PinGuard
from ui.theme import MIN_CONTRAST, Theme, contrast, weak_pairs
from ui.typing import LAYOUTS

LANGUAGES = get_args(Language)
SIZES = [(1920, 1080), (1080, 1920), (1280, 720), (720, 1280)]


class HandClock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.s = 0.0

    def now_s(self) -> float:
        return self.s

    def sleep_s(self, seconds: float) -> None:
        self.s += seconds


def test_every_language_has_every_text() -> None:
    assert set(texts.languages()) == set(LANGUAGES)
    tables = texts._tables()
    english = tables["en"]
    for language in LANGUAGES:
        assert set(tables[language]) == set(english), language
        assert set(tables[language]["notice"]) == {kind.value for kind in NoticeKind}, language
        for key, text in tables[language].items():
            if key == "notice":
                continue
            assert text.strip(), (language, key)
            fields = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            wanted = {name for _, name, _, _ in string.Formatter().parse(english[key]) if name}
            assert fields == wanted, (language, key)


def test_every_language_has_a_keyboard_with_its_own_letters() -> None:
    assert set(LAYOUTS) == set(LANGUAGES)
    own = {"de": "äöüß", "fr": "éèàç", "es": "ñáíóú¿", "ru": "йъёэю", "en": "qwz"}
    for language, letters in own.items():
        keys = "".join(LAYOUTS[language])
        assert set(letters) <= set(keys)
        assert len(set(keys)) == len(keys)


def test_packaged_typefaces_cover_every_text(application: object) -> None:
    del application
    assert {"Source Serif Pro", "Source Sans Pro"} <= load_fonts()
    theme = Theme(ThemeKeys())
    for make in (theme.serif, theme.sans):
        letters = QRawFont.fromFont(make(30))
        for language in LANGUAGES:
            table = texts._tables()[language]
            for text in (*table.values(), *table["notice"].values()):
                if isinstance(text, str):
                    missing = [c for c in text if not letters.supportsCharacter(ord(c))]
                    assert not missing, (language, text)


def test_contrast_follows_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_usual_theme_can_be_read_and_a_weak_one_is_named() -> None:
    assert weak_pairs(ThemeKeys()) == ()
    weak = ThemeKeys(muted="#2a2622")
    assert any(pair.startswith("muted on background") for pair in weak_pairs(weak))


def test_words_that_are_still_to_come_can_be_read() -> None:
    theme = Theme(ThemeKeys())
    assert contrast(theme.coming.name(), theme.keys.background) >= MIN_CONTRAST


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_portrait_dominates_and_nothing_overlaps(width: int, height: int) -> None:
    made = plan(width, height)
    assert made.vertical == (height > width)
    assert made.video.width() * made.video.height() >= 0.6 * width * height
    assert made.video.width() % 2 == 0
    assert made.video.height() % 2 == 0
    assert min(made.talk.width(), made.talk.height()) >= max(120, MIN_TALK_PX)
    assert made.body.height() >= 3 * MIN_ROW_PX
    stacked = [made.video, made.header, made.body, made.talk, made.talk_label, made.disclosure]
    for number, one in enumerate(stacked):
        assert made.panel.contains(one) or one is made.video
        for other in stacked[number + 1 :]:
            assert not one.intersects(other)
    for side in (made.left, made.right):
        assert not side.intersects(made.talk)
        assert not side.intersects(made.talk_label)


def test_the_machine_can_ask_for_an_orientation() -> None:
    assert plan(1920, 1080, vertical=True).vertical
    assert not plan(1080, 1920, vertical=False).vertical


def test_guessing_the_pin_is_slowed_down() -> None:
    clock, asked = HandClock(), []

    def is_right(pin: str) -> bool:
        asked.append(pin)
        return pin == "4711"

    guard = PinGuard(is_right, clock)
    for _ in range(FREE_TRIES):
        assert guard.locked_s() == 0.0
        assert not guard.attempt("0000")
    assert guard.locked_s() == FIRST_LOCK_S
    assert not guard.attempt("4711")  # right, but too soon
    assert len(asked) == FREE_TRIES
    clock.s += FIRST_LOCK_S
    assert not guard.attempt("1111")
    assert guard.locked_s() == 2 * FIRST_LOCK_S
    clock.s += 2 * FIRST_LOCK_S
    assert guard.attempt("4711")
    assert guard.locked_s() == 0.0
    assert not guard.attempt("0000")
    assert guard.locked_s() == 0.0  # the count began anew

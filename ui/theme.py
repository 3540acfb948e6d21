"""Colours and type of the window, from the persona's ``[theme]`` and the size of the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtGui import QColor, QFont

from kiosk.persona.schema import Theme as ThemeKeys

MIN_CONTRAST = 4.5  # WCAG 2.2 AA for text
TEXT_STEPS = (0.85, 1.0, 1.2, 1.4)
NORMAL_STEP = 1
_MIN_FONT_PX = 12


def luminance(colour: str) -> float:
    """Relative luminance 0..1 of ``#rrggbb`` (WCAG 2.2)."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio 1..21 of two ``#rrggbb`` colours (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def weak_pairs(keys: ThemeKeys) -> tuple[str, ...]:
    """Text and ground pairs of a theme that are too close to read, as ``text on ground: 3.1``."""
    pairs = (
        ("text", "background"),
        ("text", "panel"),
        ("muted", "background"),
        ("muted", "panel"),
        ("accent", "background"),
        ("accent_text", "accent"),
    )
    found = []
    for ink, ground in pairs:
        ratio = contrast(getattr(keys, ink), getattr(keys, ground))
        if ratio < MIN_CONTRAST:
            found.append(f"{ink} on {ground}: {ratio:.1f}")
    return tuple(found)


def mix(one: QColor, other: QColor, share: float) -> QColor:
    """Colour ``share`` of the way from one to the other."""
    keep = 1.0 - share
    return QColor(
        round(one.red() * keep + other.red() * share),
        round(one.green() * keep + other.green() * share),
        round(one.blue() * keep + other.blue() * share),
    )


@dataclass(frozen=True)
class Theme:
    """Everything a widget needs to draw itself.

    Attributes:
        keys: The persona's theme.
        scale: Size of the screen; 1 at 1920x1080 and 1080x1920.
        text_step: Index into ``TEXT_STEPS``, the visitor's choice.
    """

    keys: ThemeKeys
    scale: float = 1.0
    text_step: int = NORMAL_STEP

    def sized(self, *, scale: float | None = None, text_step: int | None = None) -> Theme:
        return replace(
            self,
            scale=self.scale if scale is None else scale,
            text_step=self.text_step if text_step is None else text_step,
        )

    def px(self, size: float) -> int:
        """A length designed at 1080p, in pixels of this screen."""
        return max(1, round(size * self.scale))

    def touch(self, size: float) -> int:
        """Edge of a touch target: scaled, but never below 48 px."""
        return max(48, self.px(size))

    def serif(self, size: float, *, weight: int = 400, reading: bool = False) -> QFont:
        return self._font(self.keys.serif, "serif", size, weight, reading)

    def sans(self, size: float, *, weight: int = 400, reading: bool = False) -> QFont:
        return self._font(self.keys.sans, "sans-serif", size, weight, reading)

    def _font(self, family: str, generic: str, size: float, weight: int, reading: bool) -> QFont:
        # Only what is read follows the visitor's text size; name and buttons keep the composition.
        factor = TEXT_STEPS[self.text_step] if reading else 1.0
        font = QFont()
        font.setFamilies([family, generic])
        font.setPixelSize(max(_MIN_FONT_PX, round(size * self.scale * factor)))
        font.setWeight(QFont.Weight(weight))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    @property
    def background(self) -> QColor:
        return QColor(self.keys.background)

    @property
    def panel(self) -> QColor:
        return QColor(self.keys.panel)

    @property
    def text(self) -> QColor:
        return QColor(self.keys.text)

    @property
    def muted(self) -> QColor:
        return QColor(self.keys.muted)

    @property
    def accent(self) -> QColor:
        return QColor(self.keys.accent)

    @property
    def accent_text(self) -> QColor:
        return QColor(self.keys.accent_text)

    @property
    def alert(self) -> QColor:
        return QColor(self.keys.alert)

    @property
    def hairline(self) -> QColor:
        return mix(self.background, self.muted, 0.28)

    @property
    def coming(self) -> QColor:
        """Words that are still to be spoken: readable, but clearly not yet said."""
        return mix(self.background, self.muted, 0.72)

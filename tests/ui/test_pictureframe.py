"""The frame round the portrait: light, symmetry, place, and what it costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from kiosk.messages import State
from kiosk.persona.schema import Persona
from kiosk.persona.schema import Theme as ThemeKeys
from ui import pictureframe
from ui.capture import grab_window
from ui.gilding import Material, Picture, frame_picture
from ui.pictureframe import PictureFrame
from ui.theme import Theme

from .conftest import MakeKiosk
from .test_portrait import wait_for

WALL = (15, 18, 21)
MARGIN, BREADTH = 20, 78
EDGE = MARGIN + BREADTH
MATERIALS: tuple[Material, ...] = ("gilt", "walnut")


def framed(width: int, height: int, material: Material = "gilt") -> NDArray[np.int_]:
    return frame_picture(width, height, MARGIN, BREADTH, material, WALL)[..., :3].astype(int)


@pytest.mark.parametrize("material", MATERIALS)
@pytest.mark.parametrize(("width", "height"), [(640, 540), (540, 590)])
def test_it_lies_round_the_picture_on_the_wall(width: int, height: int, material: Material) -> None:
    picture = framed(width, height, material)
    inside = picture[EDGE : height - EDGE, EDGE : width - EDGE]
    assert inside.max() == 0
    assert np.abs(picture[:4, :4] - WALL).max() <= 2
    moulding = picture[height // 2, MARGIN : EDGE - 2]
    assert moulding.max() > 70
    assert (moulding[:, 2] >= moulding[:, 0]).all(), "warm"


def test_light_comes_from_the_upper_left() -> None:
    picture = framed(640, 540)
    outer = np.s_[MARGIN + 1 : MARGIN + 7]  # the outermost slope, on each side
    top, left = picture[outer, 200:440].mean(), picture[200:340, outer].mean()
    bottom, right = picture[::-1][outer, 200:440].mean(), picture[200:340, ::-1][:, outer].mean()
    assert min(top, left) > 1.6 * max(bottom, right)
    lower_wall, upper_wall = picture[-6:, 200:440].mean(), picture[:6, 200:440].mean()
    assert lower_wall < 0.9 * upper_wall, "it throws a shadow"


def test_carving_meets_at_every_corner() -> None:
    """Rows of eggs and pearls are symmetrical, so that they fit both sides of each mitre."""
    picture = framed(641, 541)
    pearls = picture[MARGIN + round(0.762 * BREADTH)].mean(axis=1)[EDGE + 10 : -EDGE - 10]
    spectrum = np.abs(np.fft.rfft(pearls - pearls.mean()))
    pitch_px = len(pearls) / int(spectrum.argmax())
    assert pitch_px == pytest.approx(0.118 * BREADTH, rel=0.08)


def test_the_same_frame_every_time_and_at_any_size() -> None:
    assert np.array_equal(framed(300, 260), framed(300, 260))
    small = frame_picture(190, 170, 4, 14, "gilt", WALL)
    assert small.shape == (170, 190, 4)
    assert np.isfinite(small.astype(float)).all()


def test_it_is_drawn_once(application: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    del application
    drawn: list[int] = []

    def count(width: int, *others: Any) -> Picture:
        drawn.append(width)
        return frame_picture(width, *others)

    monkeypatch.setattr(pictureframe, "frame_picture", count)
    theme = Theme(ThemeKeys(frame="walnut"), scale=0.3)
    frame = PictureFrame(theme)
    image = QImage(300, 240, QImage.Format.Format_RGB32)

    def paint(area: QRect) -> None:
        painter = QPainter(image)
        frame.paint(painter, area)
        painter.end()

    for _ in range(3):
        paint(QRect(0, 0, 300, 240))
    frame.restyle(theme.sized(text_step=2))  # a visitor's larger text changes no frame
    paint(QRect(0, 0, 300, 240))
    assert len(drawn) == 1
    frame.restyle(theme.sized(scale=0.4))
    paint(QRect(0, 0, 280, 240))
    assert len(drawn) == 2
    assert frame.prepare(QSize(200, 240))  # beside the keyboard
    for width in (200, 280, 200, 280):
        paint(QRect(0, 0, width, 240))
    assert len(drawn) == 3
    paint(QRect(0, 0, 20, 20))  # too small for any frame
    assert len(drawn) == 3


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280)])
def test_the_picture_lies_in_the_frame(
    make_kiosk: MakeKiosk, application: QApplication, persona: Persona, width: int, height: int
) -> None:
    gilded = persona.model_copy(update={"theme": ThemeKeys(frame="gilt")})
    kiosk = make_kiosk(width, height, persona=gilded)
    kiosk.state(State.IDLE)
    portrait = kiosk.window.portrait
    wait_for(application, lambda: portrait.current_frame().isValid())
    edge = PictureFrame(Theme(gilded.theme, scale=kiosk.window.plan().scale)).edge_px
    assert edge > 50
    assert portrait.video_rect() == portrait.rect().adjusted(edge, edge, -edge, -edge)
    picture = grab_window(kiosk.window)
    place = portrait.geometry()
    row = picture[place.center().y(), place.left() : place.left() + edge].astype(int)
    assert row[:, 2].max() > 120, "gold"
    assert (row[:, 2] - row[:, 0]).max() > 50

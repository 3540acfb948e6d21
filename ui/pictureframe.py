"""The frame round the portrait, painted once for each size."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter, QPixmap

from ui.gilding import frame_picture
from ui.theme import Theme

_BREADTH_PX = 78  # of the moulding, at 1080p
_MARGIN_PX = 20  # of the wall round it
_KEPT = 2  # the usual size, and the one beside the on-screen keyboard


class PictureFrame:
    """Aim: a frame that costs nothing while the picture moves.

    Args:
        theme: Of the window; says what the frame is made of, if there is one.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._painted: dict[tuple[int, int], QPixmap] = {}

    def restyle(self, theme: Theme) -> None:
        if (theme.keys, theme.scale) != (self._theme.keys, self._theme.scale):
            self._painted.clear()
        self._theme = theme

    @property
    def edge_px(self) -> int:
        """From the edge of the widget to the picture; 0 without a frame."""
        if self._theme.keys.frame == "none":
            return 0
        return self._theme.px(_MARGIN_PX) + self._theme.px(_BREADTH_PX)

    def inside(self, area: QRect) -> QRect:
        """Where the picture is, in the frame's own area."""
        edge = self.edge_px
        return area.adjusted(edge, edge, -edge, -edge)

    def paint(self, painter: QPainter, area: QRect) -> None:
        """Wall and frame over the whole area; black where the picture comes to lie."""
        if self.prepare(area.size()):
            painter.drawPixmap(area.topLeft(), self._painted[area.width(), area.height()])

    def prepare(self, size: QSize) -> bool:
        """Draw the frame for a size that will be needed; whether there is one."""
        if self._theme.keys.frame == "none" or self.inside(QRect(QPoint(0, 0), size)).isEmpty():
            return False
        key = size.width(), size.height()
        if key not in self._painted:
            if len(self._painted) >= _KEPT:
                self._painted.clear()
            self._painted[key] = self._drawn(size)
        return True

    def _drawn(self, size: QSize) -> QPixmap:
        material, wall = self._theme.keys.frame, self._theme.background
        assert material != "none"
        margin, breadth = self._theme.px(_MARGIN_PX), self._theme.px(_BREADTH_PX)
        picture = frame_picture(
            size.width(),
            size.height(),
            margin,
            breadth,
            material,
            (wall.blue(), wall.green(), wall.red()),
        )
        form = QImage.Format.Format_RGB32
        image = QImage(picture.data, size.width(), size.height(), 4 * size.width(), form)
        return QPixmap.fromImage(image)  # copies the pixels

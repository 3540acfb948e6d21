"""The frame round the portrait, painted once for each size of the window."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter, QPixmap

from ui.gilding import frame_picture
from ui.theme import Theme

_BREADTH_PX = 78  # of the moulding, at 1080p
_MARGIN_PX = 20  # of the wall round it


class PictureFrame:
    """Aim: a frame that costs nothing while the picture moves.

    Args:
        theme: Of the window; says what the frame is made of, if there is one.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._painted: QPixmap | None = None

    def restyle(self, theme: Theme) -> None:
        if (theme.keys, theme.scale) != (self._theme.keys, self._theme.scale):
            self._painted = None
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
        material = self._theme.keys.frame
        if material == "none" or self.inside(area).isEmpty():
            return
        if self._painted is None or self._painted.size() != area.size():
            self._painted = self._drawn(area.size())
        painter.drawPixmap(area.topLeft(), self._painted)

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

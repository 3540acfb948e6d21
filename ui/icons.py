"""The few signs on the buttons, drawn as paths so that they are sharp at every size."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen


def _pen(colour: QColor, width: float) -> QPen:
    return QPen(
        colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


def microphone(painter: QPainter, box: QRectF, colour: QColor) -> None:
    unit = box.height()
    centre = box.center().x()
    body = QRectF(0, 0, unit * 0.34, unit * 0.56)
    body.moveCenter(QPointF(centre, box.top() + unit * 0.30))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(body, body.width() / 2, body.width() / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(colour, unit * 0.065))
    cradle = QRectF(0, 0, unit * 0.60, unit * 0.60)
    cradle.moveCenter(QPointF(centre, box.top() + unit * 0.40))
    painter.drawArc(cradle, 195 * 16, 150 * 16)
    painter.drawLine(
        QPointF(centre, box.top() + unit * 0.71), QPointF(centre, box.top() + unit * 0.93)
    )
    painter.drawLine(
        QPointF(centre - unit * 0.17, box.top() + unit * 0.95),
        QPointF(centre + unit * 0.17, box.top() + unit * 0.95),
    )


def stop(painter: QPainter, box: QRectF, colour: QColor) -> None:
    side = box.height() * 0.62
    square = QRectF(0, 0, side, side)
    square.moveCenter(box.center())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(square, side * 0.16, side * 0.16)


def dots(painter: QPainter, box: QRectF, colour: QColor, phase: float) -> None:
    """Three dots that brighten one after the other; ``phase`` 0..1."""
    radius = box.height() * 0.085
    painter.setPen(Qt.PenStyle.NoPen)
    for place in range(3):
        distance = abs(((phase - place / 3.0 + 0.5) % 1.0) - 0.5) * 2.0
        shade = QColor(colour)
        shade.setAlphaF(0.35 + 0.65 * max(0.0, 1.0 - 2.0 * distance))
        painter.setBrush(shade)
        painter.drawEllipse(box.center() + QPointF((place - 1) * radius * 3.6, 0.0), radius, radius)


def speaker(painter: QPainter, box: QRectF, colour: QColor, waves: int) -> None:
    unit = box.height()
    left, middle = box.center().x() - unit * (0.18 + 0.09 * waves), box.center().y()
    horn = QPainterPath(QPointF(left, middle - unit * 0.12))
    for x, y in ((0.14, -0.12), (0.34, -0.30), (0.34, 0.30), (0.14, 0.12), (0.0, 0.12)):
        horn.lineTo(left + unit * x, middle + unit * y)
    horn.closeSubpath()
    painter.setPen(_pen(colour, unit * 0.05))
    painter.setBrush(colour)
    painter.drawPath(horn)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(colour, unit * 0.07))
    for wave in range(waves):
        radius = unit * (0.17 + 0.15 * wave)
        centre = QPointF(left + unit * 0.40, middle)
        arc = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.drawArc(arc, -48 * 16, 96 * 16)


def keyboard(painter: QPainter, box: QRectF, colour: QColor) -> None:
    width, height = box.height() * 1.05, box.height() * 0.68
    outline = QRectF(0, 0, width, height)
    outline.moveCenter(box.center())
    stroke = box.height() * 0.06
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(colour, stroke))
    painter.drawRoundedRect(outline, height * 0.16, height * 0.16)
    painter.setPen(_pen(colour, stroke * 1.25))
    for row in range(2):
        for column in range(4):
            painter.drawPoint(
                QPointF(
                    outline.left() + width * (0.2 + 0.2 * column),
                    outline.top() + height * (0.29 + 0.23 * row),
                )
            )
    base = outline.top() + height * 0.76
    painter.drawLine(
        QPointF(outline.left() + width * 0.32, base), QPointF(outline.right() - width * 0.32, base)
    )


def again(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """An open circle with an arrowhead."""
    radius = box.height() * 0.34
    circle = QRectF(0, 0, 2 * radius, 2 * radius)
    circle.moveCenter(box.center())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(colour, box.height() * 0.07))
    painter.drawArc(circle, 60 * 16, 300 * 16)
    tip = box.center() + QPointF(radius * 0.5, -radius * 0.87)
    size = box.height() * 0.17
    painter.drawPolyline(
        [tip + QPointF(-size, -size * 0.55), tip, tip + QPointF(-size * 0.45, size)]
    )


def chevron(painter: QPainter, box: QRectF, colour: QColor) -> None:
    size = box.height() * 0.2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(colour, box.height() * 0.055))
    middle = box.center()
    painter.drawPolyline(
        [
            middle + QPointF(-size / 2, -size),
            middle + QPointF(size / 2, 0.0),
            middle + QPointF(-size / 2, size),
        ]
    )


def backspace(painter: QPainter, box: QRectF, colour: QColor) -> None:
    width, height = box.height() * 0.95, box.height() * 0.62
    area = QRectF(0, 0, width, height)
    area.moveCenter(box.center())
    outline = QPainterPath(QPointF(area.left(), area.center().y()))
    outline.lineTo(area.left() + width * 0.32, area.top())
    outline.lineTo(area.topRight())
    outline.lineTo(area.bottomRight())
    outline.lineTo(area.left() + width * 0.32, area.bottom())
    outline.closeSubpath()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(colour, box.height() * 0.065))
    painter.drawPath(outline)
    centre, arm = QPointF(area.left() + width * 0.63, area.center().y()), height * 0.19
    painter.drawLine(centre + QPointF(-arm, -arm), centre + QPointF(arm, arm))
    painter.drawLine(centre + QPointF(-arm, arm), centre + QPointF(arm, -arm))


def shift(painter: QPainter, box: QRectF, colour: QColor, filled: bool) -> None:
    size, middle = box.height() * 0.34, box.center()
    outline = QPainterPath(middle + QPointF(0, -size))
    for x, y in (
        (0.95, 0.05),
        (0.45, 0.05),
        (0.45, 0.9),
        (-0.45, 0.9),
        (-0.45, 0.05),
        (-0.95, 0.05),
    ):
        outline.lineTo(middle + QPointF(x * size, y * size))
    outline.closeSubpath()
    painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(colour, box.height() * 0.06))
    painter.drawPath(outline)

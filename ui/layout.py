"""Where everything is: a pure function from the size of the screen to rectangles.

Nothing lies over the portrait, because the video widget is a native window of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect

LANDSCAPE_SHARE = 0.665  # of the width, for the portrait
TYPING_SHARE = 0.50  # while the on-screen keyboard needs the room
VERTICAL_SHARE = 0.615  # of the height
MIN_TALK_PX = 140
MIN_ROW_PX = 56


@dataclass(frozen=True, slots=True)
class Plan:
    """Rectangles in window pixels.

    Attributes:
        vertical: True if the screen stands upright.
        scale: 1 at 1920x1080 and 1080x1920.
        video: The portrait.
        panel: Everything else.
        header: Name and dates.
        body: What changes with the state: captions, suggestions, cards.
        tall_body: The same while the links are hidden.
        talk: The button.
        talk_label: What the button does, in words.
        left: Left of the button: text size.
        right: Right of the button: volume.
        links: Row for "type a question" and "start again".
        disclosure: The AI notice.
        card: Room for the support notice: all that leaves name and button free.
        sheet: Room for keyboard and PIN pad: all between header and disclosure.
    """

    vertical: bool
    scale: float
    video: QRect
    panel: QRect
    header: QRect
    body: QRect
    tall_body: QRect
    talk: QRect
    talk_label: QRect
    left: QRect
    right: QRect
    links: QRect
    disclosure: QRect
    card: QRect
    sheet: QRect


def plan(
    width: int, height: int, *, vertical: bool | None = None, wide_panel: bool = False
) -> Plan:
    """Lay the window out.

    Args:
        width: Window, pixels.
        height: Window, pixels.
        vertical: Portrait above the panel; None: by the window's own shape.
        wide_panel: The panel needs room for a keyboard (landscape only).
    """
    if vertical is None:
        vertical = height > width
    return _vertical(width, height) if vertical else _landscape(width, height, wide_panel)


def _even(pixels: float) -> int:
    """Video frames have even sizes, so that one loop pixel can be one screen pixel."""
    return round(pixels / 2) * 2


def _landscape(width: int, height: int, wide_panel: bool) -> Plan:
    scale = min(width / 1920, height / 1080)
    split = _even(width * (TYPING_SHARE if wide_panel else LANDSCAPE_SHARE))
    video = QRect(0, 0, split, height)
    panel = QRect(split, 0, width - split, height)
    margin = round(56 * scale)
    left, inner = panel.left() + margin, panel.width() - 2 * margin
    disclosure_h = max(34, round(50 * scale))
    disclosure = QRect(left, height - disclosure_h - round(26 * scale), inner, disclosure_h)
    talk_side = max(MIN_TALK_PX, round(208 * scale))
    label_h = max(30, round(46 * scale))
    talk_top = disclosure.top() - label_h - talk_side - round(18 * scale)
    talk = QRect(left + (inner - talk_side) // 2, talk_top, talk_side, talk_side)
    side = (inner - talk_side) // 2 - round(10 * scale)
    header = QRect(left, round(64 * scale), inner, round(190 * scale))
    links_h = max(48, round(60 * scale))
    links = QRect(left, talk_top - links_h - round(26 * scale), inner, links_h)
    body_top = header.bottom() + 1 + round(26 * scale)
    body = QRect(left, body_top, inner, links.top() - round(8 * scale) - body_top)
    tall_body = body.united(links)
    # The card's border lies in the margin, so that its text stands nearly where other text does.
    rim = round(24 * scale)
    return Plan(
        vertical=False,
        scale=scale,
        video=video,
        panel=panel,
        header=header,
        body=body,
        tall_body=tall_body,
        talk=talk,
        talk_label=QRect(left, talk.bottom() + 1, inner, label_h),
        left=QRect(left, talk_top, side, talk_side),
        right=QRect(left + inner - side, talk_top, side, talk_side),
        links=links,
        disclosure=disclosure,
        card=tall_body.adjusted(-rim, 0, rim, rim // 2),
        sheet=QRect(left, body_top, inner, disclosure.top() - round(20 * scale) - body_top),
    )


def _vertical(width: int, height: int) -> Plan:
    scale = min(width / 1080, height / 1920)
    split = _even(height * VERTICAL_SHARE)
    video = QRect(0, 0, width, split)
    panel = QRect(0, split, width, height - split)
    margin = round(64 * scale)
    inner = width - 2 * margin
    disclosure_h = max(24, round(34 * scale))
    disclosure = QRect(margin, height - disclosure_h - round(20 * scale), inner, disclosure_h)
    talk_side = max(MIN_TALK_PX, round(196 * scale))
    label_h = max(26, round(38 * scale))
    talk_h = talk_side + label_h
    talk_top = disclosure.top() - talk_h - round(8 * scale)
    talk = QRect((width - talk_side) // 2, talk_top, talk_side, talk_side)
    side = (inner - talk_side) // 2 - round(80 * scale)
    links_h = max(48, round(60 * scale))
    header = QRect(margin, split + round(34 * scale), inner, round(78 * scale))
    body_top = header.bottom() + 1 + round(10 * scale)
    body = QRect(margin, body_top, inner, talk_top - round(14 * scale) - body_top)
    return Plan(
        vertical=True,
        scale=scale,
        video=video,
        panel=panel,
        header=header,
        body=body,
        tall_body=body,
        talk=talk,
        talk_label=QRect(margin + side, talk.bottom() + 1, inner - 2 * side, label_h),
        left=QRect(margin, talk_top + links_h, side, talk_h - links_h),
        right=QRect(margin + inner - side, talk_top + links_h, side, talk_h - links_h),
        links=QRect(margin, talk_top, inner, links_h),
        disclosure=disclosure,
        card=body,
        sheet=QRect(margin, body_top, inner, disclosure.top() - round(12 * scale) - body_top),
    )

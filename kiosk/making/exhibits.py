"""Pictures for the report."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from kiosk.making.picture import Picture
from kiosk.making.sitter import Sitter

_TILE_WIDTH_PX = 400
_WIDTH_PX = 960
_MARK = (39, 162, 201)  # BGR


def with_box(picture: Picture, sitter: Sitter) -> Picture:
    """The whole picture, reduced, with the face's box and the eyes drawn in."""
    scale = min(1.0, _WIDTH_PX / picture.shape[1])
    drawn = np.ascontiguousarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    x, y, width, height = (round(float(side) * scale) for side in sitter.box)
    cv2.rectangle(drawn, (x, y), (x + width, y + height), _MARK, 2)
    if sitter.eyes_found:
        for eye in sitter.eyes * scale:
            cv2.circle(drawn, (round(eye[0]), round(eye[1])), 4, _MARK, 2)
    return np.asarray(drawn, np.uint8)


def sheet(pictures: Sequence[Picture], columns: int) -> Picture:
    """Pictures of one size side by side, row by row; the last row is filled with black."""
    height, width = pictures[0].shape[:2]
    tile = (_TILE_WIDTH_PX, round(height * _TILE_WIDTH_PX / width))
    tiles = [np.asarray(cv2.resize(one, tile, interpolation=cv2.INTER_AREA)) for one in pictures]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)]
    return np.asarray(np.vstack(rows), np.uint8)

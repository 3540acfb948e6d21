"""Tiles of the sculpture's picture: work is done only where a part of the figure shows.

A software rasteriser pays for every pixel it is asked to draw. One ray per tile, as wide as the
tile, finds out beforehand which tiles a part covers and from where their rays have to be marched.
"""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from studio.portrait.programs import give

TILE_PX = 12  # of the sculpture's picture

Box = tuple[int, int, int, int]
"""Left, bottom, width, height in px, origin at the lower left as in GL."""


@dataclass(frozen=True)
class Region:
    """Tiles to work on, all of them or those that touch a box of the picture."""

    columns: slice
    rows: slice

    @staticmethod
    def around(box: Box) -> Region:
        left, bottom, width, height = box
        return Region(
            slice(max(left, 0) // TILE_PX, -(-(left + width) // TILE_PX)),
            slice(max(bottom, 0) // TILE_PX, -(-(bottom + height) // TILE_PX)),
        )

    def keep(self, starts: NDArray[np.float32]) -> NDArray[np.float32]:
        """`starts` [rows, columns] with the tiles outside the region marked as empty."""
        kept = np.full_like(starts, -1.0)
        kept[self.rows, self.columns] = starts[self.rows, self.columns]
        return kept


class TilePass:
    """A program drawn over a list of tiles of one target.

    Args:
        target_px: Width and height of the target.
        tile_px: Size of a tile in the target.
        depth: Depth of the points, 0 to 1; tells pixels apart where a depth test is on.
    """

    def __init__(
        self,
        context: moderngl.Context,
        program: moderngl.Program,
        target_px: tuple[int, int],
        tile_px: float = TILE_PX,
        depth: float = 0.0,
    ) -> None:
        self.program = program
        give(program, target_size=target_px, tile_px=float(tile_px), tile_depth=depth)
        most = (-(-target_px[0] // round(tile_px)) + 1) * (-(-target_px[1] // round(tile_px)) + 1)
        self._tiles = context.buffer(reserve=12 * most, dynamic=True)
        self._points = context.vertex_array(program, [(self._tiles, "3f", "in_tile")])
        self._context = context

    def draw(self, tiles: NDArray[np.float32]) -> None:
        """Draw over tiles [n, 3]: column, row, where the rays start."""
        if len(tiles):
            self._tiles.write(tiles.tobytes())
            self._points.render(moderngl.POINTS, vertices=len(tiles))


def listed(starts: NDArray[np.float32]) -> NDArray[np.float32]:
    """The tiles of a grid [rows, columns] that are not empty, as [n, 3]."""
    rows, columns = np.nonzero(starts >= 0.0)
    return np.stack([columns, rows, starts[rows, columns]], axis=1).astype(np.float32)

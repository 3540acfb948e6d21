"""A film's pictures, one after the other: the loop, the mouth, the notice, the titles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from kiosk.lipsync import Patch
from kiosk.render.lettering import notice, title
from kiosk.render.planes import Framing, Overlay, Planes, lay_patch
from kiosk.render.subtitles import Title
from kiosk.video import LOOP_FPS


class TakesPlanes(Protocol):
    """Where a reel's pictures go: a ``FilmWriter``."""

    def add_planes(self, nv12: Planes) -> None:
        """Append one frame."""


class Reel:
    """Shows the loop picture by picture and writes the film at its own rate.

    Args:
        film: Where the pictures go.
        loop: Planes of the loop, from its first picture, without end; each may be changed.
        framing: Which part of the loop is shown.
        fps: Frames a second of the film.
        label: The notice that this is an AI.
        titles: To be burned in; none for a clean picture.

    Attributes:
        tick: Pictures shown so far, at ``LOOP_FPS``.
    """

    def __init__(
        self,
        film: TakesPlanes,
        loop: Iterator[Planes],
        framing: Framing,
        fps: int,
        label: str,
        titles: Sequence[Title],
    ) -> None:
        self.tick = 0
        self._film = film
        self._loop = loop
        self._framing = framing
        self._fps = fps
        self._label = notice(label, framing.size)
        self._titles = list(reversed(titles))  # the next one last
        self._widest = max((line for one in titles for line in one.lines), key=len, default="")
        self._title: Overlay | None = None
        self._title_until_s = 0.0

    def show(self, patch: Patch | None = None) -> None:
        """The next picture, with the mouth ``patch`` or the loop's own."""
        planes = next(self._loop)
        if patch is not None:
            lay_patch(planes, patch)
        picture = self._framing.apply(planes)
        self._label.lay(picture)
        current = self._title_at(self.tick / LOOP_FPS)
        if current is not None:
            current.lay(picture)
        due = self._frames_by(self.tick + 1) - self._frames_by(self.tick)
        for _ in range(due):
            self._film.add_planes(picture)
        self.tick += 1

    def show_until(self, tick: int) -> None:
        """The resting face up to, and without, ``tick``."""
        while self.tick < tick:
            self.show()

    @property
    def frames(self) -> int:
        """Frames written so far."""
        return self._frames_by(self.tick)

    def _frames_by(self, tick: int) -> int:
        """Frames of the film that begin before ``tick``."""
        return -(-tick * self._fps // LOOP_FPS)

    def _title_at(self, time_s: float) -> Overlay | None:
        if self._titles and self._titles[-1].start_s <= time_s:
            upcoming = self._titles.pop()
            self._title = title(upcoming.lines, self._framing.size, self._widest)
            self._title_until_s = upcoming.end_s
        return self._title if time_s < self._title_until_s else None

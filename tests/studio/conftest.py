"""A small renderer for the tests that look at pixels; skipped where nothing can draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from kiosk.errors import Missing
from studio.portrait.camera import LANDSCAPE, Camera

if TYPE_CHECKING:
    from studio.portrait.renderer import Renderer

SMALL: Camera = LANDSCAPE.scaled(216)


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    pytest.importorskip("moderngl", reason="moderngl (the extra 'studio') is not installed")
    from studio.portrait.renderer import Renderer

    try:
        made = Renderer(SMALL, supersample=1.0)
    except Missing as error:
        pytest.skip(str(error))
    yield made
    made.close()

"""Text in the picture is there, in its place, and fits every film."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.render.lettering import MARGIN, missing_letters, notice, title
from kiosk.render.planes import Overlay, luma_of

SIZES = [(1280, 720), (720, 1280), (1920, 1080), (320, 240), (160, 160)]
LONGEST = "In 1811 my brother Joseph found its skull,"


def drawn(overlay: Overlay, size: tuple[int, int]) -> NDArray[np.intp]:
    """Left, top, right and bottom of what an overlay changes on a grey picture."""
    planes = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
    overlay.lay(planes)
    rows, columns = np.nonzero(luma_of(planes) != 128)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


@pytest.mark.parametrize("size", SIZES)
def test_titles_stay_inside_the_margins(size: tuple[int, int]) -> None:
    left, top, right, bottom = drawn(title((LONGEST, "g"), size, LONGEST), size)
    width, height = size
    assert left >= MARGIN * width - 2
    assert right <= (1 - MARGIN) * width + 2
    assert top > height / 2
    assert (1 - MARGIN) * height - 3 <= bottom <= (1 - MARGIN) * height + 1
    assert abs((left + right) - width) <= 4


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "text", ["AI", "One sentence. Another sentence that is longer.", "я " * 90]
)
def test_the_notice_stays_in_its_corner(size: tuple[int, int], text: str) -> None:
    left, top, right, bottom = drawn(notice(text, size), size)
    width, height = size
    assert abs(left - MARGIN * width) <= 2
    assert abs(top - MARGIN * height) <= 2
    assert right <= (1 - MARGIN) * width + 2
    assert bottom <= height


def test_letters_are_light_on_dark_and_accents_are_drawn() -> None:
    def ink(text: str) -> NDArray[np.uint8]:
        planes = np.full((720 * 3 // 2, 1280), 128, np.uint8)
        title((text,), (1280, 720), "x" * 30).lay(planes)
        return luma_of(planes)

    plain, accented = ink("Aeo"), ink("Äéö")
    assert plain.max() > 225  # white ink
    assert plain.min() < 70  # on a dark panel
    assert (accented > 200).sum() > (plain > 200).sum()


def test_letters_that_the_typeface_lacks() -> None:
    assert missing_letters("Grüße, señor; œuvre, Žižek: “ты” – £5 …") == ""
    assert missing_letters("a 你好 b 你") == "你好"

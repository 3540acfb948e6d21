"""The code and the curves: what lips must do, whatever is between."""

from __future__ import annotations

import numpy as np
import pytest

from studio.lips.curves import RATE_HZ, codes_at, codes_of, loudness_of
from studio.lips.mouths import (
    CODE,
    JAW,
    LIP_TO_TEETH,
    PRESS,
    REST,
    ROUND,
    SEAL,
    SHAPES,
    TUCK,
    from_arpabet,
    from_ipa,
    from_letters,
    pose,
)
from studio.portrait.motion import SEAM


def test_an_affricate_is_what_the_lips_show_and_marks_prolong() -> None:
    sounds = from_ipa([("t͡ʃ", 0.0, 0.1), ("i", 0.1, 0.2), ("ː", 0.2, 0.3), (" ", 0.3, 0.4)])
    assert sounds == [("SH", 0.0, 0.1), ("EE", 0.1, 0.3), (REST, 0.3, 0.4)]


def test_diphthongs_have_two_shapes() -> None:
    (first, *_, turn), (second, start, _) = from_arpabet([("ay", 0.0, 0.2)])
    assert (first, second) == ("AA", "IH")
    assert turn == start == pytest.approx(0.11)


def test_letters_lose_stress_and_length_but_not_their_meaning() -> None:
    assert [name for name, *_ in from_letters([("a1", 0, 1), ("e:", 1, 2), ("tS", 2, 3)])] == [
        "AA", "EH", "SH",
    ]  # fmt: skip
    with pytest.raises(KeyError):
        from_letters([("??", 0, 1)])


def test_nothing_said_is_rest() -> None:
    codes = codes_of([], 1.0)
    assert np.allclose(codes, SHAPES[REST], atol=1e-6)
    assert codes.shape == (RATE_HZ + 1, len(CODE))


@pytest.mark.parametrize("length_s", [0.03, 0.08, 0.2])
def test_lips_meet_in_every_p_however_short(length_s: float) -> None:
    middle_s = 0.5
    sounds = [
        ("AA", 0.2, middle_s - length_s / 2),
        (SEAL, middle_s - length_s / 2, middle_s + length_s / 2),
        ("AA", middle_s + length_s / 2, 0.8),
    ]
    codes = codes_of(sounds, 1.0)
    met = codes[round(middle_s * RATE_HZ)]
    assert met[PRESS] > 0.99
    assert met[JAW] < 0.01
    assert codes[round(0.3 * RATE_HZ), JAW] > 0.5


def test_the_lip_touches_the_teeth_in_f_without_meeting_the_other() -> None:
    met = codes_of([("EE", 0.2, 0.4), (LIP_TO_TEETH, 0.4, 0.5), ("EE", 0.5, 0.8)], 1.0)[90]
    assert met[TUCK] > 0.95
    assert met[PRESS] == 0


def test_rounding_begins_before_its_sound() -> None:
    codes = codes_of([("SS", 0.2, 0.5), ("OO", 0.5, 0.8)], 1.0)
    assert codes[round(0.46 * RATE_HZ), ROUND] > 0.2


def test_loud_vowels_open_further() -> None:
    time_s = np.arange(16000) / 16000
    sound = np.sin(2 * np.pi * 200 * time_s) * np.where(time_s < 0.5, 0.05, 0.7)
    loudness = loudness_of(sound.astype(np.float32), 16000)
    codes = codes_of([("AA", 0.0, 1.0)], 1.0, loudness)
    assert codes[round(0.75 * RATE_HZ), JAW] > 1.1 * codes[round(0.25 * RATE_HZ), JAW]


def test_codes_between_moments_are_between_codes() -> None:
    codes = np.zeros((3, len(CODE)), np.float32)
    codes[1] = 1
    times = np.array([-1.0, 0.5 / RATE_HZ, 1 / RATE_HZ, 9.0])
    assert codes_at(codes, times)[:, JAW].tolist() == [0.0, 0.5, 1.0, 0.0]


def test_the_resting_code_leaves_a_frame_as_it_is() -> None:
    assert pose(SEAM, SHAPES[REST]) == SEAM
    assert pose(SEAM, SHAPES["OO"]).face.smile < SEAM.face.smile

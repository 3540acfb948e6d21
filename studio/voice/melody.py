"""The melody of questions.

The teacher learnt from read prose: its voice falls at the end of every sentence, even where its own
text analysis says that it should rise. So the rise is drawn into what the network learns. Only
questions for yes or no rise ("Was it a fish?"); those with who, what or when fall in English.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.voice.align import VOWELS

RISE_SEMITONES = 7.0
"""How far the end lies above what the teacher does: from its fall to well above the middle."""

_STRESS = "ˈ"
_SEMITONE = math.log(2) / 12


def question_rise(
    symbols: Sequence[str], lengths: NDArray[np.float32], voiced: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """What to add to the logarithm of the pitch.

    The rise starts with the vowel of the last stressed syllable, the nucleus, and goes on to the
    last voiced frame.

    Args:
        symbols: espeak-ng's symbols.
        lengths: [symbols] frames of each.
        voiced: [frames].

    Returns:
        [frames] natural logarithm, 0 before the nucleus.

    Source: J. B. Pierrehumbert, J. Hirschberg, "The meaning of intonational contours" (1990), for
    L* H-H%, the contour of yes-no questions.
    """
    rise = np.zeros(len(voiced))
    stressed = [index for index, symbol in enumerate(symbols) if symbol == _STRESS]
    vowels = [
        index for index, symbol in enumerate(symbols) if symbol in VOWELS and lengths[index] > 0
    ]
    nucleus = next((vowel for vowel in vowels if stressed and vowel > stressed[-1]), None)
    if nucleus is None or not voiced.any():
        return rise
    begin = int(lengths[:nucleus].sum())
    end = int(np.flatnonzero(voiced)[-1]) + 1
    if end <= begin:
        return rise
    along = np.clip((np.arange(len(voiced)) - begin) / (end - begin), 0.0, 1.0)
    return RISE_SEMITONES * _SEMITONE * along * along * (3 - 2 * along)

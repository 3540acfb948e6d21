"""Who reads what: to learn from, to add before the file ships, and to judge by."""

from __future__ import annotations

import functools
import random
from pathlib import Path

from studio.lips import espeak, readers
from studio.lips.speech import Part
from studio.lips.texts import english, made_up
from studio.voice.commands import persona_speech
from studio.voice.corpus import sentences_of

MODELS = Path(__file__).resolve().parents[2] / "models"
PERSONA = MODELS.parent / "persona.toml"

LEARN, ADD, JUDGE = "learn", "add", "judge"
"""The three sets. The voices of ``add`` are unseen until the figures about unseen voices are
taken; then they are learnt as well. Sentences of ``judge`` are never learnt."""

_ENGLISH = {"slt24": 500, "flite-slt": 300, "flite-awb": 450, "flite-kal16": 300, "espeak": 1200}
_UNSEEN = {"rms16": 400, "flite-rms": 250, "festival-kdl": 250}
_FOREIGN = 230  # lines for each voice
_JUDGED = 14  # drawn sentences for each voice
_OWN = 16  # of her own, besides, for her own voice
_ESPEAK_NAMES = [f"{accent}+{variant}" for accent in espeak.ACCENTS for variant in espeak.VARIANTS]


def parts_of(name: str, seed: int, scale: float = 1.0) -> list[Part]:
    """The parts of one set; `scale` makes them smaller, for a trial."""
    counts = {key: max(2, round(count * scale)) for key, count in (_ENGLISH | _UNSEEN).items()}
    texts = iter(english(sum(counts.values()) + 8 * _JUDGED, seed))
    drawn = {key: [next(texts) for _ in range(count)] for key, count in counts.items()}
    if name == LEARN:
        foreign = [
            Part(f"festival-{voice}", functools.partial(readers.foreign, voice),
                 made_up(max(2, round(_FOREIGN * scale)), seed + index))
            for index, voice in enumerate(readers.FOREIGN)
        ]  # fmt: skip
        return [_part(key, drawn[key]) for key in _ENGLISH] + foreign
    if name == ADD:
        return [_part(key, drawn[key]) for key in _UNSEEN]
    judged = {key: [next(texts) for _ in range(_JUDGED)] for key in ("slt24", *_UNSEEN)}
    judged["slt24"] += own_sentences(seed)
    return [_part(key, lines, varied=False) for key, lines in judged.items()]


def own_sentences(seed: int) -> list[str]:
    """Some of what the persona says, none of which is learnt from."""
    every = [text for answer in persona_speech(PERSONA) for text in sentences_of(answer)]
    fitting = sorted({text for text in every if 25 < len(text) < 90})
    return random.Random(seed).sample(fitting, _OWN)


def _part(name: str, texts: list[str], *, varied: bool = True) -> Part:
    maker, _, voice = name.partition("-")
    if maker == "flite":
        return Part(name, functools.partial(readers.flite, voice), texts, varied)
    if maker == "festival":
        return Part(name, readers.kdl, texts, varied)
    if maker == "espeak":
        shuffled = random.Random(1).sample(_ESPEAK_NAMES, len(_ESPEAK_NAMES))
        return Part(name, functools.partial(espeak.espeak, shuffled), texts, varied)
    return Part(name, functools.partial(readers.piper, MODELS / f"{name}.onnx"), texts, varied)

"""What the built-in recogniser is to expect, taken from the persona."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.persona.schema import Persona


@dataclass(frozen=True, slots=True)
class VocabularySpec:
    """Attributes:
    phrasings: Questions as visitors ask them.
    words: Names and further words or short phrases that visitors say.
    pronunciations: Word or name to how it sounds, in plain letters.
    background: Text whose words visitors may take up: what the persona says.
    """

    phrasings: tuple[str, ...]
    words: tuple[str, ...] = ()
    pronunciations: Mapping[str, str] = field(default_factory=dict)
    background: tuple[str, ...] = ()


def vocabulary_spec(persona: Persona) -> VocabularySpec:
    """What a persona's visitors will say, as far as the persona file tells."""
    answers = persona.answers
    topics = [topic for answer in answers for topic in answer.topics]
    said = [
        *(text for answer in answers for text in answer.say),
        *persona.facts,
        *persona.smalltalk.greeting,
    ]
    return VocabularySpec(
        phrasings=(
            *(phrasing for answer in answers for phrasing in answer.ask),
            *persona.suggestions,
            *persona.limits.not_mine,
            *persona.limits.not_known,
            *persona.support.phrases,
        ),
        words=tuple(dict.fromkeys([persona.identity.name, *persona.recognition.words, *topics])),
        pronunciations={**persona.voice.pronunciations, **persona.recognition.pronunciations},
        background=tuple(said),
    )

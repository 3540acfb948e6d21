"""All text of the language model, and how often each sentence counts."""

from __future__ import annotations

from kiosk.asr.builtin.text import spoken_words
from kiosk.asr.builtin.vocabulary import UNKNOWN_WORD, question_templates
from kiosk.asr.spec import VocabularySpec

PHRASING_WEIGHT = 3.0
TEMPLATE_WEIGHT = 1.0  # of a whole pattern, shared by its sentences
BACKGROUND_WEIGHT = 0.2
UNKNOWN_NAME_SHARE = 0.15  # of a pattern with a name, the part for names nobody foresaw

WeightedSentence = tuple[tuple[str, ...], float]


def weighted_sentences(spec: VocabularySpec) -> list[WeightedSentence]:
    """Sentences in spoken words, with their weights.

    The sentences of one pattern count as one together; where it takes a name, that may be one which
    nobody foresaw.
    """
    sentences = [(spoken_words(text), PHRASING_WEIGHT) for text in spec.phrasings]
    sentences += [(spoken_words(text), BACKGROUND_WEIGHT) for text in spec.background]
    for template in question_templates((*spec.words, UNKNOWN_WORD)):
        open_ended = [words for words in template.sentences if UNKNOWN_WORD in words]
        closed = [words for words in template.sentences if UNKNOWN_WORD not in words]
        unknown = TEMPLATE_WEIGHT * UNKNOWN_NAME_SHARE if open_ended else 0.0
        known = TEMPLATE_WEIGHT - unknown
        sentences += [(words, known / len(closed)) for words in closed]
        sentences += [(words, unknown / len(open_ended)) for words in open_ended]
    return sentences

"""The decoding graph: words, sounds and acoustic states as one weighted transducer (Kaldi's HCLG).

L turns sounds into words, G weighs word sequences, C puts every sound between its neighbours, H
turns it into states. Weights are negative natural logarithms.
Source: Mohri, Pereira, Riley, "Speech recognition with weighted finite-state transducers" (2008);
Kaldi, "Decoding graph construction in Kaldi".
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import kaldifst
import numpy as np
from numpy.typing import NDArray

from kiosk.asr.builtin.expansion import EPSILON, ExpandedGraph, expand_states
from kiosk.asr.builtin.grapheme_to_phoneme import Pronunciation
from kiosk.asr.builtin.language_model import END, START, History, LanguageModel
from kiosk.asr.builtin.openfst_format import read_transducer
from kiosk.asr.builtin.phones import PHONES, SILENCE_ID, word_phone_ids
from kiosk.asr.builtin.sphinx_model import ModelDefinition

# Marks the way to the shorter history; without it the grammar could not be made deterministic.
BACK_OFF = "#0"
BACK_OFF_PHONE = len(PHONES) + 1
SILENCE_PROBABILITY = 0.2


def number_words(words: Sequence[str]) -> dict[str, int]:
    """Kaldi's word numbers: 0 is "no word", the last one the back-off mark."""
    return {word: i for i, word in enumerate(("<eps>", *words, BACK_OFF))}


def build_graph(
    pronunciations: Mapping[str, Sequence[Pronunciation]],
    language_model: LanguageModel,
    word_ids: Mapping[str, int],
    acoustics: ModelDefinition,
    transitions: NDArray[np.float64],
) -> ExpandedGraph:
    """Compose the whole graph.

    Args:
        pronunciations: Word to its sounds, for every word of the language model.
        language_model: Weighs word sequences.
        word_ids: See ``number_words``.
        acoustics: Senones of every triphone.
        transitions: Sphinx's transition matrices, shape (matrices, 3, 4).
    """
    lexicon, disambiguation = _lexicon_fst(pronunciations, word_ids)
    words_from_sounds = kaldifst.compose(lexicon, _grammar_fst(language_model, word_ids))
    kaldifst.determinize_star(words_from_sounds, use_log=True)
    kaldifst.minimize_encoded(words_from_sounds)
    in_context, windows = kaldifst.compose_context(disambiguation, 3, 1, words_from_sounds)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "CLG.fst"
        in_context.write(str(file))
        arrays = read_transducer(file)
    return expand_states(arrays, windows, acoustics, transitions)


def _cost(probability: float) -> float:
    return -math.log(probability)


def _grammar_fst(model: LanguageModel, word_ids: Mapping[str, int]) -> kaldifst.StdVectorFst:
    """G: one state a history; unseen words go through the back-off mark to the shorter one."""
    fst = kaldifst.StdVectorFst()
    state: dict[History, int] = {history: fst.add_state() for history in model.histories()}
    fst.start = state[(START,)]
    for history, source in state.items():
        for onward in model.continuations(history):
            cost = _cost(onward.probability)
            if onward.word == END:
                fst.set_final(source, cost)
            else:
                word = word_ids[onward.word]
                fst.add_arc(source, kaldifst.StdArc(word, word, cost, state[onward.history]))
        if history:
            cost = _cost(model.back_off(history))
            shorter = state[history[1:]]
            fst.add_arc(source, kaldifst.StdArc(word_ids[BACK_OFF], EPSILON, cost, shorter))
    kaldifst.arcsort(fst, "ilabel")
    return fst


def _lexicon_fst(
    pronunciations: Mapping[str, Sequence[Pronunciation]], word_ids: Mapping[str, int]
) -> tuple[kaldifst.StdVectorFst, list[int]]:
    """L and the disambiguation marks that end words which sound alike or begin another word."""
    entries = [
        (word_ids[word], tuple(word_phone_ids(way)))
        for word, ways in pronunciations.items()
        for way in ways
    ]
    homophones = Counter(sounds for _, sounds in entries)
    beginnings = {sounds[:end] for _, sounds in entries for end in range(1, len(sounds))}
    fst = kaldifst.StdVectorFst()
    start, between_words, before_silence, after_silence = (fst.add_state() for _ in range(4))
    fst.start = start
    fst.set_final(between_words, 0.0)
    no_silence, silence = _cost(1 - SILENCE_PROBABILITY), _cost(SILENCE_PROBABILITY)
    marks_used: Counter[tuple[int, ...]] = Counter()

    def add_arc(source: int, phone: int, word: int, cost: float, destination: int) -> None:
        fst.add_arc(source, kaldifst.StdArc(phone, word, cost, destination))

    def add_word_end(source: int, phone: int, word: int) -> None:
        add_arc(source, phone, word, no_silence, between_words)
        add_arc(source, phone, word, silence, before_silence)

    add_arc(start, EPSILON, EPSILON, no_silence, between_words)
    add_arc(start, EPSILON, EPSILON, silence, before_silence)
    for word, sounds in entries:
        path = list(sounds)
        if homophones[sounds] > 1 or sounds in beginnings:
            marks_used[sounds] += 1
            path.append(BACK_OFF_PHONE + marks_used[sounds])
        source, label = between_words, word
        for phone in path[:-1]:
            destination = fst.add_state()
            add_arc(source, phone, label, 0.0, destination)
            source, label = destination, EPSILON
        add_word_end(source, path[-1], label)

    silence_mark = BACK_OFF_PHONE + 1 + max(marks_used.values(), default=0)
    add_arc(before_silence, SILENCE_ID, EPSILON, 0.0, after_silence)
    add_arc(after_silence, silence_mark, EPSILON, 0.0, between_words)
    kaldifst.add_self_loops(fst, [BACK_OFF_PHONE], [word_ids[BACK_OFF]])
    kaldifst.arcsort(fst, "olabel")
    return fst, list(range(BACK_OFF_PHONE, silence_mark + 1))

"""The decoding graph: words, sounds and acoustic states as one weighted transducer (Kaldi's HCLG).

L turns sounds into words, G weighs word sequences, C puts every sound between its neighbours, H
turns it into states. Weights are negative natural logarithms.
Source: Mohri, Pereira, Riley, "Speech recognition with weighted finite-state transducers" (2008);
Kaldi, "Decoding graph construction in Kaldi".
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import kaldifst
import numpy as np
from numpy.typing import NDArray

from kiosk.asr.builtin.grapheme_to_phoneme import Pronunciation
from kiosk.asr.builtin.kaldi_format import HmmState, TransitionIds, number_transitions
from kiosk.asr.builtin.language_model import END, START, History, LanguageModel
from kiosk.asr.builtin.phones import (
    PHONES,
    SILENCE_ID,
    base_phone,
    position,
    word_phone_ids,
)
from kiosk.asr.builtin.sphinx_model import ModelDefinition, PhoneStates

EPSILON = 0
# Marks the way to the shorter history; without it the grammar could not be made deterministic.
BACK_OFF = "#0"
BACK_OFF_PHONE = len(PHONES) + 1
SILENCE_PROBABILITY = 0.2
LOWEST_PROBABILITY = 1e-3  # of a transition that the acoustic model never saw


def number_words(words: Sequence[str]) -> dict[str, int]:
    """Kaldi's word numbers: 0 is "no word", the last one the back-off mark."""
    return {word: i for i, word in enumerate(("<eps>", *words, BACK_OFF))}


@dataclass(frozen=True, slots=True)
class DecodingGraph:
    """Attributes:
    fst: HCLG, from transition ids to word numbers.
    states: Every HMM state it uses, sorted; ``HmmState.pdf`` is an index into ``senones``.
    senones: The acoustic model's senones it uses, sorted.
    """

    fst: kaldifst.StdVectorFst
    states: tuple[HmmState, ...]
    senones: NDArray[np.int64]


def build_graph(
    pronunciations: Mapping[str, Sequence[Pronunciation]],
    language_model: LanguageModel,
    word_ids: Mapping[str, int],
    acoustics: ModelDefinition,
    transitions: NDArray[np.float64],
) -> DecodingGraph:
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
    return _expand_states(in_context, windows, acoustics, transitions)


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


def _expand_states(
    in_context: kaldifst.StdVectorFst,
    windows: Sequence[Sequence[int]],
    acoustics: ModelDefinition,
    transitions: NDArray[np.float64],
) -> DecodingGraph:
    """Replace each sound in context by its three states, self-loop after the way in.

    That order (Kaldi calls it "reorder") is what Vosk's word alignment expects.
    """
    size = in_context.num_states
    arcs = [
        (source, arc.ilabel, arc.olabel, arc.weight, arc.nextstate)
        for source in range(size)
        for arc in kaldifst.ArcIterator(in_context, source)
    ]
    # Only what the arcs mention: windows may hold combinations that no path needs.
    labels = sorted({arc[1] for arc in arcs if len(windows[arc[1]]) == 3})
    found = {label: _states_in(windows[label], acoustics) for label in labels}
    senones = np.unique([senone for states in found.values() for senone in states.senones])
    pdf = {int(senone): i for i, senone in enumerate(senones)}
    chains = {
        label: tuple(
            HmmState(windows[label][1], i, pdf[senone]) for i, senone in enumerate(states.senones)
        )
        for label, states in found.items()
    }
    # Many windows share their states; equal chains get one number, which is quicker to compare.
    distinct = {chain: i for i, chain in enumerate(dict.fromkeys(chains.values()))}
    numbers = number_transitions(state for chain in distinct for state in chain)
    paths = {
        label: _path(distinct[chain], chain, numbers, transitions[found[label].matrix])
        for label, chain in chains.items()
    }

    fst = kaldifst.StdVectorFst()
    for source in range(size):
        fst.add_state()
        final = in_context.final(source).value
        if math.isfinite(final):
            fst.set_final(source, final)
    fst.start = in_context.start
    entered: dict[tuple[int, int], int] = {}  # (destination, chain) to its first state
    for source, label, word, cost, destination in arcs:
        path = paths.get(label)
        if path is None:  # epsilon or a disambiguation mark
            fst.add_arc(source, kaldifst.StdArc(EPSILON, word, cost, destination))
            continue
        key = (destination, path.chain)
        if key not in entered:
            entered[key] = _add_path(fst, path, destination)
        fst.add_arc(source, kaldifst.StdArc(path.entry, word, cost, entered[key]))
    kaldifst.arcsort(fst, "ilabel")
    return DecodingGraph(fst, tuple(sorted(numbers, key=lambda state: state.order)), senones)


@dataclass(frozen=True, slots=True)
class _Path:
    """A sound's states as arcs.

    Attributes:
        chain: Number of the chain of states.
        entry: Transition id of the way into the first state.
        steps: For each state: transition id and cost of its self-loop, transition id into the
            next state (epsilon out of the last), cost of leaving.
    """

    chain: int
    entry: int
    steps: tuple[tuple[int, float, int, float], ...]


def _path(
    chain_number: int,
    chain: Sequence[HmmState],
    numbers: Mapping[HmmState, TransitionIds],
    matrix: NDArray[np.float64],
) -> _Path:
    ids = [numbers[state] for state in chain]
    onward_ids = [*(into.forward for into in ids[1:]), EPSILON]
    steps = []
    for i, (here, onward) in enumerate(zip(ids, onward_ids, strict=True)):
        loop = max(LOWEST_PROBABILITY, float(matrix[i, i]))
        leave = max(LOWEST_PROBABILITY, 1 - loop)
        steps.append((here.self_loop, _cost(loop), onward, _cost(leave)))
    return _Path(chain_number, ids[0].forward, tuple(steps))


def _add_path(fst: kaldifst.StdVectorFst, path: _Path, destination: int) -> int:
    """Append the states of a sound on the way to ``destination``; returns the first of them."""
    states: list[int] = [fst.add_state() for _ in path.steps]
    following = [*states[1:], destination]
    for state, after, step in zip(states, following, path.steps, strict=True):
        self_loop, loop_cost, onward, leave_cost = step
        fst.add_arc(state, kaldifst.StdArc(self_loop, EPSILON, loop_cost, state))
        fst.add_arc(state, kaldifst.StdArc(onward, EPSILON, leave_cost, after))
    return states[0]


def _states_in(window: Sequence[int], acoustics: ModelDefinition) -> PhoneStates:
    left, centre, right = window
    return acoustics.states(
        base_phone(left), base_phone(centre), base_phone(right), position(centre)
    )

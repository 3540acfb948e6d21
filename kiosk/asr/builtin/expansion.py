"""The last step to the decoding graph: sounds in context become states of the acoustic model.

Unknown speech, one sound for the steps before, becomes a loop over all sounds, which takes what
fits no word.
Source: Hazen, Bazzi, "A comparison and combination of methods for OOV word detection and word
confidence scoring" (2001).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kiosk.asr.builtin.kaldi_format import STATES_PER_PHONE, HmmState, number_transitions
from kiosk.asr.builtin.openfst_format import ARC, Transducer, make_transducer
from kiosk.asr.builtin.phones import ARPABET, UNKNOWN_SPEECH_ID, base_phone, position
from kiosk.asr.builtin.sphinx_model import ModelDefinition, PhoneStates

EPSILON = 0
LOWEST_PROBABILITY = 1e-3  # of a transition that the acoustic model never saw
# Of each sound of unknown speech; less than nothing, as sounds regardless of their neighbours fit
# worse than a word's. Lower: more speech is taken for unknown, and words of questions with it.
UNKNOWN_SOUND_COST = -0.2

# Unknown speech counts as one phone whatever its length: only its first sound has a first state and
# only its last sound a last one, by which Vosk finds where a word begins and ends.
_UNKNOWN_FIRST, _UNKNOWN_INNER, _UNKNOWN_LAST = (0, 1, 1), (1, 1, 1), (1, 1, 2)
_NO_CHAIN = -1

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ExpandedGraph:
    """Attributes:
    transducer: From transition ids to word numbers.
    states: Every HMM state it uses, sorted; ``HmmState.pdf`` is an index into ``senones``.
    senones: The acoustic model's senones it uses, sorted.
    """

    transducer: Transducer
    states: tuple[HmmState, ...]
    senones: Ints


def expand_states(
    in_context: Transducer,
    windows: Sequence[Sequence[int]],
    acoustics: ModelDefinition,
    transitions: NDArray[np.float64],
) -> ExpandedGraph:
    """Replace each sound by its three states, self-loop after the way in.

    That order (Kaldi calls it "reorder") is what Vosk's word alignment expects.

    Args:
        in_context: Its arcs' ``ilabel`` is an index into ``windows``.
        windows: A sound between its neighbours (three phone numbers), or anything shorter for what
            makes no sound.
        acoustics: Senones of every triphone.
        transitions: Sphinx's transition matrices, shape (matrices, 3, 4).
    """
    # Only what the arcs mention: windows may hold combinations that no path needs.
    used = [int(i) for i in np.unique(in_context.arcs["ilabel"]) if len(windows[int(i)]) == 3]
    centre = {label: windows[label][1] for label in used}
    unknown = [label for label in used if centre[label] == UNKNOWN_SPEECH_ID]
    known = {
        label: _states_in(windows[label], acoustics)
        for label in used
        if centre[label] != UNKNOWN_SPEECH_ID
    }
    anything = [acoustics.alone(phone) for phone in ARPABET]
    senones = np.unique([states.senones for states in (*known.values(), *anything)])
    pdf = {int(senone): i for i, senone in enumerate(senones)}

    @cache  # many windows share their states
    def chain(phone: int, places: tuple[int, ...], states: PhoneStates) -> _Chain:
        hmm = (HmmState(phone, p, pdf[s]) for p, s in zip(places, states.senones, strict=True))
        return _Chain(tuple(hmm), states.matrix)

    chain_of = {label: chain(centre[label], (0, 1, 2), s) for label, s in known.items()}
    loop = {
        places: [chain(UNKNOWN_SPEECH_ID, places, states) for states in anything]
        for places in (_UNKNOWN_FIRST, _UNKNOWN_INNER, _UNKNOWN_LAST)
    }
    chains = _Chains(
        tuple(dict.fromkeys([*chain_of.values(), *(c for part in loop.values() for c in part)])),
        transitions,
    )
    graph = _GraphInMaking(in_context, chains)
    chain_numbers = np.full(len(windows), _NO_CHAIN)
    chain_numbers[list(chain_of)] = [chains.number[c] for c in chain_of.values()]
    graph.add_sounds(chain_numbers, unknown)
    graph.add_unknown(unknown, *([chains.number[c] for c in part] for part in loop.values()))
    return ExpandedGraph(graph.finish(), chains.states, senones)


def _states_in(window: Sequence[int], acoustics: ModelDefinition) -> PhoneStates:
    left, centre, right = window
    return acoustics.states(
        base_phone(left), base_phone(centre), base_phone(right), position(centre)
    )


@dataclass(frozen=True, slots=True)
class _Chain:
    """The three states of a sound and the row of their transition matrix."""

    states: tuple[HmmState, ...]
    matrix: int


class _Chains:
    """All chains as arrays.

    Attributes:
        number: Chain to its row.
        states: Every state of every chain, sorted.
        entry: Transition id of the way into the first state, shape (chains,).
        loop: Transition ids of the self-loops, shape (chains, 3).
        loop_cost: Their costs, same shape.
        onward: Transition id into the next state, epsilon out of the last; same shape.
        leave_cost: Cost of leaving each state; same shape.
    """

    def __init__(self, chains: Sequence[_Chain], transitions: NDArray[np.float64]) -> None:
        ids = number_transitions(state for chain in chains for state in chain.states)
        self.number = {chain: i for i, chain in enumerate(chains)}
        self.states = tuple(sorted(ids, key=lambda state: state.order))
        forward = np.array([[ids[state].forward for state in chain.states] for chain in chains])
        self.entry: Ints = forward[:, 0]
        self.loop: Ints = np.array([[ids[s].self_loop for s in chain.states] for chain in chains])
        self.onward: Ints = np.pad(forward[:, 1:], ((0, 0), (0, 1)), constant_values=EPSILON)
        stay = np.diagonal(transitions[:, :, :STATES_PER_PHONE], axis1=1, axis2=2)
        stay = np.maximum(stay, LOWEST_PROBABILITY)[[chain.matrix for chain in chains]]
        self.loop_cost = -np.log(stay)
        self.leave_cost = -np.log(np.maximum(1 - stay, LOWEST_PROBABILITY))


class _GraphInMaking:
    """The graph in context, growing states for its sounds."""

    def __init__(self, in_context: Transducer, chains: _Chains) -> None:
        self._in_context = in_context
        self._chains = chains
        self._state_count = len(in_context.final_costs)
        self._sources: list[Ints] = []
        self._arcs: list[NDArray[np.void]] = []

    def add_sounds(self, chain_numbers: Ints, other_labels: Sequence[int]) -> None:
        """All arcs but those of ``other_labels``; ``chain_numbers``: chain of each label."""
        arcs, sources = self._in_context.arcs, self._in_context.sources
        chain = chain_numbers[arcs["ilabel"]]
        silent = (chain == _NO_CHAIN) & ~np.isin(arcs["ilabel"], other_labels)
        quiet = arcs[silent]
        self._add(sources[silent], EPSILON, quiet["olabel"], quiet["cost"], quiet["destination"])

        sound = chain != _NO_CHAIN
        voiced, count = arcs[sound], len(self._chains.entry)
        # Arcs with the same sound to the same place share its states.
        place = voiced["destination"].astype(np.int64) * count + chain[sound]
        distinct, which = np.unique(place, return_inverse=True)
        first = self._add_states(distinct % count, distinct // count)
        entry = self._chains.entry[chain[sound]]
        self._add(sources[sound], entry, voiced["olabel"], voiced["cost"], first[which])

    def add_unknown(
        self, labels: Sequence[int], first: Sequence[int], inner: Sequence[int], last: Sequence[int]
    ) -> None:
        """A loop for each place that arcs with ``labels`` lead to: at least two sounds.

        ``first``, ``inner`` and ``last`` are the chains of each sound at that point.
        """
        chosen = np.isin(self._in_context.arcs["ilabel"], labels)
        arcs, sources = self._in_context.arcs[chosen], self._in_context.sources[chosen]
        for destination in np.unique(arcs["destination"]):
            begin, hub = self._state_count, self._state_count + 1
            self._state_count += 2
            into = arcs["destination"] == destination
            here = arcs[into]
            self._add(sources[into], EPSILON, here["olabel"], here["cost"], begin)
            for source, chains, target in (
                (begin, first, hub),
                (hub, inner, hub),
                (hub, last, destination),
            ):
                states = self._add_states(np.array(chains), np.full(len(chains), target))
                entry = self._chains.entry[chains]
                self._add(np.full(len(chains), source), entry, EPSILON, UNKNOWN_SOUND_COST, states)

    def finish(self) -> Transducer:
        final_costs = np.full(self._state_count, math.inf, np.float32)
        final_costs[: len(self._in_context.final_costs)] = self._in_context.final_costs
        sources, arcs = np.concatenate(self._sources), np.concatenate(self._arcs)
        return make_transducer(self._in_context.start, final_costs, arcs, sources)

    def _add_states(self, chains: Ints, destinations: Ints) -> Ints:
        """States of each chain on the way to its destination; returns the first of each."""
        table = self._chains
        first = self._state_count + STATES_PER_PHONE * np.arange(len(chains))
        self._state_count += STATES_PER_PHONE * len(chains)
        for i in range(STATES_PER_PHONE):
            here = first + i
            after = here + 1 if i + 1 < STATES_PER_PHONE else destinations
            self._add(here, table.loop[chains, i], EPSILON, table.loop_cost[chains, i], here)
            self._add(here, table.onward[chains, i], EPSILON, table.leave_cost[chains, i], after)
        return first

    def _add(
        self,
        sources: Ints,
        ilabel: Ints | int,
        olabel: NDArray[np.int32] | int,
        cost: NDArray[np.floating] | float,
        destination: Ints | NDArray[np.int32] | int,
    ) -> None:
        arcs = np.empty(len(sources), ARC)
        arcs["ilabel"], arcs["olabel"] = ilabel, olabel
        arcs["cost"], arcs["destination"] = cost, destination
        self._sources.append(sources)
        self._arcs.append(arcs)

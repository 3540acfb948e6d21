"""Kaldi's binary notation, as far as a Vosk model needs it.

Aim: write ``am/final.mdl`` and ``am/global_cmvn.stats`` without Kaldi's programs.
Each function returns the bytes of one item; a file is ``BINARY_MARK`` and the items in order.
Source: Kaldi, ``base/io-funcs-inl.h`` (basic types), ``matrix/kaldi-matrix.cc`` (matrices),
``hmm/transition-model.cc`` and ``nnet3/nnet-nnet.cc`` (the two objects).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

BINARY_MARK = b"\0B"


def token(name: str) -> bytes:
    return name.encode("ascii") + b" "


def int32(value: int) -> bytes:
    return b"\x04" + struct.pack("<i", value)


def float32(value: float) -> bytes:
    return b"\x04" + struct.pack("<f", value)


def float64(value: float) -> bytes:
    return b"\x08" + struct.pack("<d", value)


def int_vector(values: Iterable[int]) -> bytes:
    array = np.fromiter(values, dtype="<i4")
    return b"\x04" + struct.pack("<i", array.size) + array.tobytes()


def float_vector(values: ArrayLike) -> bytes:
    array = np.asarray(values, dtype="<f4")
    return token("FV") + int32(array.size) + array.tobytes()


def float_matrix(values: ArrayLike) -> bytes:
    """``values``: shape (rows, columns)."""
    array = np.ascontiguousarray(values, dtype="<f4")
    rows, columns = array.shape
    return token("FM") + int32(rows) + int32(columns) + array.tobytes()


def double_matrix(values: ArrayLike) -> bytes:
    """``values``: shape (rows, columns)."""
    array = np.ascontiguousarray(values, dtype="<f8")
    rows, columns = array.shape
    return token("DM") + int32(rows) + int32(columns) + array.tobytes()


@dataclass(frozen=True, slots=True)
class HmmState:
    """One emitting state that occurs in the graph.

    Attributes:
        phone: Kaldi's phone number, from 1.
        position: 0, 1 or 2: which state of the phone.
        pdf: Output of the network that scores it.
    """

    phone: int
    position: int
    pdf: int

    @property
    def order(self) -> tuple[int, int, int]:
        return (self.phone, self.position, self.pdf)


STATES_PER_PHONE = 3


@dataclass(frozen=True, slots=True)
class TransitionIds:
    """Numbers of a state's two transitions, as the decoding graph names them."""

    self_loop: int
    forward: int


def number_transitions(states: Iterable[HmmState]) -> dict[HmmState, TransitionIds]:
    """Kaldi's numbering: states sorted, self-loop before forward, counted from 1."""
    ordered = sorted(set(states), key=lambda state: state.order)
    return {state: TransitionIds(2 * i + 1, 2 * i + 2) for i, state in enumerate(ordered)}


def transition_model(phone_count: int, states: Sequence[HmmState]) -> bytes:
    """A ``TransitionModel`` in which every phone has the same left-to-right topology.

    Its probabilities are all one half and never read: the graph carries the true ones, as the
    decoder takes transition weights from the graph alone.

    Args:
        phone_count: Phones are numbered 1..phone_count.
        states: Every state that the graph uses, sorted and without duplicates.
    """
    phones = range(1, phone_count + 1)
    topology = [int32(1), int32(STATES_PER_PHONE + 1)]
    for state in range(STATES_PER_PHONE):
        topology += [int32(state), int32(2)]
        for destination in (state, state + 1):
            topology += [int32(destination), float32(0.5)]
    topology += [int32(-1), int32(0)]

    triples = [int32(number) for state in states for number in state.order]
    log_probabilities = np.full(2 * len(states) + 1, np.log(0.5))
    log_probabilities[0] = 0.0  # transition ids count from 1
    return b"".join(
        [
            token("<TransitionModel>"),
            token("<Topology>"),
            int_vector(phones),
            int_vector([-1, *(0 for _ in phones)]),
            *topology,
            token("</Topology>"),
            token("<Triples>"),
            int32(len(states)),
            *triples,
            token("</Triples>"),
            token("<LogProbs>"),
            float_vector(log_probabilities),
            token("</LogProbs>"),
            token("</TransitionModel>"),
        ]
    )


def fixed_affine(weights: ArrayLike, bias: ArrayLike) -> bytes:
    """``y = weights @ x + bias``; ``weights``: shape (outputs, inputs)."""
    return b"".join(
        [
            token("<FixedAffineComponent>"),
            token("<LinearParams>"),
            float_matrix(weights),
            token("<BiasParams>"),
            float_vector(bias),
            token("</FixedAffineComponent>"),
        ]
    )


def elementwise_product(input_dim: int, output_dim: int) -> bytes:
    """Multiplies the input's equal parts, each ``output_dim`` long, with one another."""
    return b"".join(
        [
            token("<ElementwiseProductComponent>"),
            token("<InputDim>"),
            int32(input_dim),
            token("<OutputDim>"),
            int32(output_dim),
            token("</ElementwiseProductComponent>"),
        ]
    )


def group_maximum(groups: int, group_size: int) -> bytes:
    """The largest of each run of ``group_size`` inputs; max-pooling along Kaldi's y axis."""
    fields = {
        "InputXDim": groups,
        "InputYDim": group_size,
        "InputZDim": 1,
        "PoolXSize": 1,
        "PoolYSize": group_size,
        "PoolZSize": 1,
        "PoolXStep": 1,
        "PoolYStep": group_size,
        "PoolZStep": 1,
    }
    return b"".join(
        [
            token("<MaxpoolingComponent>"),
            *(token(f"<{name}>") + int32(value) for name, value in fields.items()),
            token("</MaxpoolingComponent>"),
        ]
    )


def acoustic_network(
    wiring: Sequence[str],
    components: Sequence[tuple[str, bytes]],
    *,
    left_context: int,
    right_context: int,
) -> bytes:
    """An ``AmNnetSimple``: nnet3's configuration lines, its components, no priors.

    Args:
        wiring: nnet3 configuration lines.
        components: Name and bytes of each component, in the order of first use.
        left_context: Frames needed before the frame that is scored.
        right_context: Frames needed after it.
    """
    parts = [token("<Nnet3>"), b"\n", "\n".join([*wiring, "", ""]).encode("ascii")]
    parts += [token("<NumComponents>"), int32(len(components))]
    for name, body in components:
        parts += [token("<ComponentName>"), token(name), body]
    parts += [token("</Nnet3>")]
    parts += [token("<LeftContext>"), int32(left_context)]
    parts += [token("<RightContext>"), int32(right_context)]
    parts += [token("<Priors>"), float_vector([])]
    return b"".join(parts)

"""Kaldi's notation, byte for byte against expectations written by hand."""

from __future__ import annotations

from kiosk.asr.builtin import kaldi_format as kaldi

ONE = b"\x04\x01\x00\x00\x00"
TWO = b"\x04\x02\x00\x00\x00"
ZERO_FLOAT = b"\x00\x00\x00\x00"
ONE_FLOAT = b"\x00\x00\x80\x3f"


def test_basic_types() -> None:
    assert kaldi.token("<Triples>") == b"<Triples> "
    assert kaldi.int32(-2) == b"\x04\xfe\xff\xff\xff"
    assert kaldi.float32(1.0) == b"\x04" + ONE_FLOAT
    assert kaldi.float64(1.0) == b"\x08\x00\x00\x00\x00\x00\x00\xf0\x3f"


def test_vectors_and_matrices() -> None:
    assert kaldi.int_vector([1, -1]) == b"\x04\x02\x00\x00\x00\x01\x00\x00\x00\xff\xff\xff\xff"
    assert kaldi.float_vector([]) == b"FV \x04\x00\x00\x00\x00"
    assert kaldi.float_vector([1.0]) == b"FV " + ONE + ONE_FLOAT
    assert kaldi.float_matrix([[1.0, 0.0]]) == b"FM " + ONE + TWO + ONE_FLOAT + ZERO_FLOAT
    assert kaldi.double_matrix([[0.0]]) == b"DM " + ONE + ONE + bytes(8)


def test_components() -> None:
    assert kaldi.fixed_affine([[1.0]], [0.0]) == (
        b"<FixedAffineComponent> <LinearParams> FM " + ONE + ONE + ONE_FLOAT + b"<BiasParams> FV "
        b"\x04\x01\x00\x00\x00" + ZERO_FLOAT + b"</FixedAffineComponent> "
    )
    assert kaldi.elementwise_product(2, 1) == (
        b"<ElementwiseProductComponent> <InputDim> " + TWO + b"<OutputDim> " + ONE + b""
        b"</ElementwiseProductComponent> "
    )


def test_transitions_are_numbered_in_kaldis_order() -> None:
    late, early = kaldi.HmmState(2, 0, 5), kaldi.HmmState(1, 2, 9)
    numbers = kaldi.number_transitions([late, early, late])
    assert numbers[early] == kaldi.TransitionIds(self_loop=1, forward=2)
    assert numbers[late] == kaldi.TransitionIds(self_loop=3, forward=4)


def test_transition_model_has_one_log_probability_a_transition() -> None:
    written = kaldi.transition_model(1, [kaldi.HmmState(1, 0, 7)])
    assert written.startswith(b"<TransitionModel> <Topology> \x04\x01\x00\x00\x00\x01\x00\x00\x00")
    assert b"<Triples> " + ONE + ONE + b"\x04\x00\x00\x00\x00\x04\x07\x00\x00\x00</Triples> " in (
        written
    )
    half = b"\x18\x72\x31\xbf"  # ln 0.5
    assert written.endswith(
        b"<LogProbs> FV \x04\x03\x00\x00\x00" + ZERO_FLOAT + half + half + b"</LogProbs> "
        b"</TransitionModel> "
    )


def test_network_is_wrapped_in_its_contexts() -> None:
    written = kaldi.acoustic_network(
        ["input-node name=input dim=1"], [("a", b"BODY")], left_context=1, right_context=2
    )
    assert written == (
        b"<Nnet3> \ninput-node name=input dim=1\n\n<NumComponents> " + ONE + b"<ComponentName> a "
        b"BODY</Nnet3> <LeftContext> " + ONE + b"<RightContext> " + TWO + b"<Priors> FV "
        b"\x04\x00\x00\x00\x00"
    )

"""A lips network cut, cropped and rewritten computes what the whole one does."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from kiosk.lipsync.graph.branches import split
from kiosk.lipsync.graph.calibrate import observe
from kiosk.lipsync.graph.crop import Cropped, crop
from kiosk.lipsync.graph.fold import fold_normalisation
from kiosk.lipsync.graph.network import Network
from kiosk.lipsync.graph.quantise import quantise
from kiosk.lipsync.graph.span import Span, Spreading
from kiosk.lipsync.graph.spread import phase_convs
from kiosk.lipsync.session import open_session
from scripts.make_lips_standin import small

SIZE = 32
KINDS = ("ConvTranspose", "Resize", "DepthToSpace")
Arrays = dict[str, NDArray[Any]]


def _run(model: onnx.ModelProto, feed: Arrays) -> NDArray[np.float32]:
    (output,) = open_session(model.SerializeToString(), 1).run(None, feed)
    return np.asarray(output)


def _inputs(count: int = 2, seed: int = 0) -> Arrays:
    random = np.random.default_rng(seed)
    sound = random.normal(-1, 2, (count, 1, 80, 16)).clip(-4, 4).astype(np.float32)
    return {"sound": sound, "face": random.random((count, 6, SIZE, SIZE)).astype(np.float32)}


class _Cut:
    """A network cut and cropped to a window, with what it needs of the given faces."""

    def __init__(self, model: onnx.ModelProto, window: tuple[Span, Span], given: Arrays) -> None:
        copied = onnx.ModelProto()
        copied.CopyFrom(model)
        branches = split(Network(copied), "face", "sound")
        assert branches.face is not None
        session = open_session(branches.face.complete().SerializeToString(), 1)
        names = [name for name in branches.features if name != "face"]
        found = session.run(names, {"face": given["face"]})
        self.features = {"face": given["face"], **dict(zip(names, found, strict=True))}
        self.network = branches.sound
        fold_normalisation(self.network)
        self.parts: list[Cropped] = []
        for axis, span in zip((2, 3), window, strict=True):
            part = crop(self.network, axis, span, frozenset({"sound"}))
            self.parts.append(part)
            for name, kept in part.inputs.items():
                rows = range(kept.start, kept.stop)
                self.features[name] = self.features[name].take(rows, axis=axis)
        self.features = {name: self.features[name] for name in branches.features}
        self.window = window

    def feed(self, given: Arrays) -> Arrays:
        return {"sound": given["sound"], **self.features}

    def seen(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        (rows, columns), (below, beside) = self.window, self.parts
        top, left = below.output.start, beside.output.start
        return picture[
            :, :, rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]


def _window_of(picture: NDArray[np.float32], window: tuple[Span, Span]) -> NDArray[np.float32]:
    rows, columns = window
    return picture[:, :, rows.start : rows.stop, columns.start : columns.stop]


spans = st.tuples(st.integers(0, SIZE - 1), st.integers(1, SIZE)).map(
    lambda ends: Span(min(ends), max(ends[1], ends[0] + 1))
)


@settings(max_examples=25, deadline=None)
@given(rows=spans, columns=spans, up=st.sampled_from(KINDS))
def test_any_window_is_what_the_whole_network_computes(rows: Span, columns: Span, up: str) -> None:
    window, given_ = (rows, columns), _inputs()
    cut = _Cut(small(SIZE, up=up), window, given_)
    drawn = cut.seen(_run(cut.network.complete(), cut.feed(given_)))
    whole = _window_of(_run(small(SIZE, up=up), given_), window)
    # Summing is done in the same order whatever the size, but for products of matrices, which
    # onnxruntime cuts into blocks by the size: there the last bit may differ.
    assert drawn.shape == whole.shape
    assert np.abs(drawn - whole).max() <= 2e-7


@pytest.mark.parametrize("up", KINDS)
def test_a_small_window_costs_less(up: str) -> None:
    window = (Span(20, 28), Span(8, 24))
    cut = _Cut(small(SIZE, up=up), window, _inputs())
    below, beside = cut.parts
    assert below.whole == beside.whole == ()
    assert below.output.length < SIZE
    assert beside.output.length < SIZE
    last = {name: span for name, span in below.inputs.items() if span.length <= 20}
    assert last, "no feature is stored in part"


def test_nothing_of_the_face_alone_is_computed_again() -> None:
    network = Network(small(SIZE))
    branches = split(network, "face", "sound")
    convs = [node for node in branches.sound.nodes if node.op_type == "Conv"]
    assert branches.face is not None
    assert "face" not in branches.sound.inputs
    assert len(convs) + len(
        [node for node in branches.face.nodes if node.op_type == "Conv"]
    ) == len([node for node in network.nodes if node.op_type == "Conv"])


def _with_node_before_the_end(kind: str, **attributes: Any) -> onnx.ModelProto:
    model = small(SIZE)
    last = model.graph.node[-1]
    extra = helper.make_node(kind, [last.input[0]], ["extra"], **attributes)
    last.input[0] = "extra"
    model.graph.node.insert(len(model.graph.node) - 1, extra)
    return model


def test_nodes_that_are_not_understood_get_everything_and_are_named() -> None:
    model, window, given_ = (
        _with_node_before_the_end("LpNormalization", axis=2),
        (Span(20, 28), Span(8, 24)),
        _inputs(),
    )
    whole = _window_of(_run(model, given_), window)
    cut = _Cut(model, window, given_)
    assert cut.parts[0].whole == ("LpNormalization",)
    assert np.abs(cut.seen(_run(cut.network.complete(), cut.feed(given_))) - whole).max() <= 2e-7


def test_the_picture_may_be_put_together_from_rows() -> None:
    """As the shipped model does: the upper half is the face's own, the lower half is new."""
    model = small(SIZE)
    graph = model.graph
    graph.node[-1].output[0] = "new"
    for name, values in {
        "low": [3, 0, 0], "up": [6, SIZE // 2, SIZE], "axes": [1, 2, 3],
        "half": [SIZE // 2], "end": [SIZE], "rows": [2],
    }.items():  # fmt: skip
        graph.initializer.append(numpy_helper.from_array(np.array(values, dtype=np.int64), name))
    graph.node.extend(
        [
            helper.make_node("Slice", ["face", "low", "up", "axes"], ["upper"]),
            helper.make_node("Slice", ["new", "half", "end", "rows"], ["lower"]),
            helper.make_node("Concat", ["upper", "lower"], ["picture"], axis=2),
        ]
    )
    for window in ((Span(18, 30), Span(4, 28)), (Span(10, 22), Span(0, SIZE))):
        given_ = _inputs()
        cut = _Cut(model, window, given_)
        whole = _window_of(_run(model, given_), window)
        assert np.abs(cut.seen(_run(cut.network.complete(), cut.feed(given_))) - whole).max() == 0


def test_normalisation_behind_a_convolution_is_folded_in() -> None:
    random = np.random.default_rng(2)
    model = small(SIZE)
    at = next(i for i, node in enumerate(model.graph.node) if node.op_type == "ConvTranspose")
    node = model.graph.node[at]
    statistics = []
    for name in ("gamma", "beta", "mean", "var"):
        values = random.uniform(0.5, 1.5, 16).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(values, name))
        statistics.append(name)
    after = node.output[0]
    node.output[0] = "plain"
    norm = helper.make_node("BatchNormalization", ["plain", *statistics], [after])
    model.graph.node.insert(at + 1, norm)
    given_ = _inputs()
    whole = _run(model, given_)
    network = Network(model)
    fold_normalisation(network)
    assert all(node.op_type != "BatchNormalization" for node in network.nodes)
    assert np.abs(_run(network.complete(), given_) - whole).max() < 1e-5


@settings(max_examples=60, deadline=None)
@given(
    kernel=st.integers(2, 5),
    stride=st.integers(1, 3),
    inside=st.integers(1, 7),
    cut=st.integers(0, 6),
    steps=st.integers(1, 6),
)
def test_phases_are_the_convtranspose(
    kernel: int, stride: int, inside: int, cut: int, steps: int
) -> None:
    random = np.random.default_rng(kernel)
    weight = random.normal(size=(3, 2, kernel, kernel)).astype(np.float32)
    source = random.normal(size=(1, 3, inside, inside)).astype(np.float32)
    whole = (inside - 1) * stride + kernel
    length = stride * steps
    if cut + length > whole:
        return
    pads = [cut, cut, whole - cut - length, whole - cut - length]
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[stride] * 2, pads=pads)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, source.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(weight, "w")],
    )
    opset = [helper.make_opsetid("", 17)]
    wanted = _run(helper.make_model(graph, opset_imports=opset, ir_version=9), {"x": source})
    axis = Spreading(kernel, stride, 1, cut)
    convs = phase_convs(weight, (axis, axis), (inside, inside), (length, length))
    if convs is None:
        assert kernel < stride  # some rows get nothing at all
        return
    made = np.zeros_like(wanted)
    for phase, conv in enumerate(convs):
        part = source[
            :, :, conv.rows.start : conv.rows.stop, conv.columns.start : conv.columns.stop
        ]
        top, left, bottom, right = conv.pads
        padded = np.pad(part, ((0, 0), (0, 0), (top, bottom), (left, right)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, conv.weight.shape[2:], (2, 3))
        drawn = np.einsum("nchwij,ocij->nohw", windows, conv.weight)
        for column in range(stride):
            made[:, :, phase::stride, column::stride] = drawn[:, 2 * column : 2 * column + 2]
    assert np.allclose(made, wanted, atol=1e-4)


@pytest.mark.parametrize("up", KINDS)
@pytest.mark.parametrize("tail", [0, 2])
def test_bytes_come_close_to_float(up: str, tail: int) -> None:
    window, given_ = (Span(16, 32), Span(4, 28)), _inputs(8)
    cut = _Cut(small(SIZE, up=up), window, given_)
    feed = cut.feed(given_)
    exact = cut.seen(_run(cut.network.complete(), feed))
    written = quantise(cut.network, observe(cut.network, [feed], 1), "sound", float_tail=tail)
    stored = {
        name: written.features[name].bytes_of(array).transpose(0, 2, 3, 1).copy()
        if name in written.features
        else array
        for name, array in feed.items()
    }
    in_bytes = cut.seen(_run(written.model, stored))
    psnr_db = -10 * np.log10(np.square(in_bytes - exact).mean())
    assert psnr_db > 35
    assert np.square(in_bytes - exact).mean() < 0.1 * exact.var()
    kinds = [node.op_type for node in written.model.graph.node]
    assert "ConvTranspose" not in kinds
    assert kinds.count("Conv") == tail


def test_onnxruntime_is_asked_for_one_thread_and_no_spinning() -> None:
    session = open_session(small(SIZE).SerializeToString(), 1)
    options: onnxruntime.SessionOptions = session.get_session_options()
    assert options.intra_op_num_threads == 1
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"

"""Any model with Wav2Lip's contract runs; any other file gives one clear message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from kiosk.errors import ModelBroken, ModelMissing
from kiosk.lipsync.model import LipsModel
from scripts.make_lips_standin import tiny, wav2lip_shaped


def _saved(model: Any, path: Path) -> Path:
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("size", [64, 96, 128, 256])
@pytest.mark.parametrize("batch", [None, 1, 2])
@pytest.mark.parametrize("swapped", [False, True])
def test_size_order_and_batch_are_read(
    size: int, batch: int | None, swapped: bool, tmp_path: Path
) -> None:
    names = ("source", "target")
    path = _saved(tiny(size, batch=batch, swapped=swapped, names=names), tmp_path / "m.onnx")
    model = LipsModel(path, threads=1)
    contract = model.contract
    assert (contract.size, contract.mel_input, contract.face_input) == (size, *names)
    assert (contract.batch, contract.fixed_batch) == (batch or 4, batch is not None)
    assert model.provider in onnxruntime.get_available_providers()
    for count in range(1, contract.batch + 1):
        windows = np.full((count, 80, 16), -4, dtype=np.float32)
        faces = np.random.default_rng(0).random((count, 6, size, size)).astype(np.float32)
        output = model.run(windows, faces)
        assert output.shape == (count, 3, size, size)
        assert np.allclose(output, faces[:, 3:], atol=1e-6)  # silence: the face as it is


def test_a_model_with_an_open_size_is_tried_out(tmp_path: Path) -> None:
    model = tiny(96)
    for tensor in (model.graph.input[1], model.graph.output[0]):
        for side in (2, 3):
            tensor.type.tensor_type.shape.dim[side].dim_param = f"side{side}"
    assert LipsModel(_saved(model, tmp_path / "m.onnx"), threads=1).contract.size == 96


def test_a_model_that_only_claims_an_open_batch_runs_one_by_one(tmp_path: Path) -> None:
    model = tiny(64, batch=1)
    for tensor in (*model.graph.input, *model.graph.output):
        tensor.type.tensor_type.shape.dim[0].dim_param = "batch"
    shape = numpy_helper.from_array(np.array([1, 3, 64, 64], dtype=np.int64), "shape")
    model.graph.initializer.append(shape)
    last = model.graph.node[-1]
    last.output[0] = "any"
    model.graph.node.append(helper.make_node("Reshape", ["any", "shape"], ["picture"]))
    contract = LipsModel(_saved(model, tmp_path / "m.onnx"), threads=1).contract
    assert (contract.batch, contract.fixed_batch) == (1, False)


def test_half_precision_is_used_as_it_is(tmp_path: Path) -> None:
    path = _saved(_simple("", kind=TensorProto.FLOAT16), tmp_path / "m.onnx")
    model = LipsModel(path, threads=1)
    assert model.contract.dtype == np.float16
    faces = np.random.default_rng(0).random((2, 6, 64, 64)).astype(np.float32)
    output = model.run(np.zeros((2, 80, 16), dtype=np.float32), faces)
    assert output.dtype == np.float32
    assert np.abs(output - faces[:, 3:]).max() < 1e-3


def test_the_stand_in_has_every_weight_of_wav2lip(tmp_path: Path) -> None:
    model = wav2lip_shaped()
    weights = sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer)
    assert weights / 1e6 == pytest.approx(36.3, abs=0.1)
    contract = LipsModel(_saved(model, tmp_path / "m.onnx"), threads=2).contract
    assert (contract.size, contract.batch, contract.fixed_batch) == (96, 4, False)


# --- files that cannot be used ----------------------------------------------------------------


def _simple(
    output: str,
    face: tuple[Any, ...] = ("n", 6, 64, 64),
    mel: tuple[Any, ...] = (),
    kind: int = TensorProto.FLOAT,
) -> Any:
    """A model whose face goes through one operation, ``output``."""
    picture = helper.make_tensor_value_info("picture", kind, ["n", 3, None, None])
    inputs = [
        helper.make_tensor_value_info("mel", kind, mel or ("n", 1, 80, 16)),
        helper.make_tensor_value_info("face", kind, face),
    ]
    bounds = [np.array([at], dtype=np.int64) for at in (3, 6, 1)]
    weights = [numpy_helper.from_array(bound, f"b{at}") for at, bound in enumerate(bounds)]
    weights.append(numpy_helper.from_array(np.array(-1, dtype=np.float32), "minus"))
    nodes = [helper.make_node("Slice", ["face", "b0", "b1", "b2"], ["half"])]
    if output == "negative":
        nodes.append(helper.make_node("Mul", ["half", "minus"], ["picture"]))
    elif output == "nan":
        nodes.append(helper.make_node("Mul", ["half", "minus"], ["below"]))
        nodes.append(helper.make_node("Sqrt", ["below"], ["picture"]))
    elif output == "small":
        nodes.append(
            helper.make_node("MaxPool", ["half"], ["picture"], kernel_shape=[2, 2], strides=[2, 2])
        )
    else:
        nodes.append(helper.make_node("Identity", ["half"], ["picture"]))
    graph = helper.make_graph(nodes, "lips", inputs, [picture], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _external(path: Path) -> None:
    model = _simple("")
    model.graph.initializer.append(
        numpy_helper.from_array(np.zeros(4096, dtype=np.float32), "large")
    )
    onnx.save(model, path, save_as_external_data=True, location="weights.bin")


def _truncated(path: Path) -> None:
    content = tiny(64).SerializeToString()
    path.write_bytes(content[: len(content) // 2])


def _foreign(path: Path) -> None:
    model = tiny(64)
    model.opset_import.append(helper.make_opsetid("studio.example", 1))
    model.graph.node[-1].domain = "studio.example"
    onnx.save(model, path)


def _save(model: Callable[[], Any]) -> Callable[[Path], None]:
    return lambda path: onnx.save(model(), path)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.touch(), "empty"),
        (lambda path: path.write_text("no model at all"), "cannot be loaded"),
        (_truncated, "cannot be loaded"),
        (_external, "another file"),
        (_foreign, "studio.example.Clip"),
        (_save(lambda: _simple("nan")), "not numbers"),
        (_save(lambda: _simple("negative")), "instead of 0 to 1"),
        (_save(lambda: _simple("small")), "sizes"),
        (_save(lambda: _simple("", face=("n", 5, 64, 64))), "inputs are"),
        (_save(lambda: _simple("", mel=("n", 1, 80, 20))), "inputs are"),
        (_save(lambda: _simple("", mel=("n", 80, 16))), "inputs are"),
        (_save(lambda: _simple("", face=("n", 6, 64, 96))), "sizes"),
        (_save(lambda: _simple("", face=(2, 6, 64, 64), mel=(3, 1, 80, 16))), "batches"),
    ],
)
def test_an_unusable_model_gives_one_clear_message(
    make: Callable[[Path], None], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "lips.onnx"
    make(path)
    with pytest.raises(ModelBroken, match=told) as caught:
        LipsModel(path, threads=1)
    assert caught.value.where == str(path)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy.endswith(".")


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        LipsModel(tmp_path / "lips.onnx", threads=1)

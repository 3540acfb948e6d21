"""Official checkpoints, made here with random weights under the true names and shapes."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.errors import BadInput

torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra 'train')")

from kiosk.lipsync.model import LipsModel  # noqa: E402  (only with PyTorch)
from kiosk.training.convert import convert, load_weights  # noqa: E402
from kiosk.training.export import multiplications  # noqa: E402
from kiosk.training.networks import parameter_count  # noqa: E402
from kiosk.training.wav2lip import Wav2Lip  # noqa: E402

# Some keys as they stand in the authors' file; the rest follows the same rule.
OFFICIAL = {
    "module.face_encoder_blocks.0.0.conv_block.0.weight": [16, 6, 7, 7],
    "module.face_encoder_blocks.6.1.conv_block.1.running_var": [512],
    "module.audio_encoder.3.conv_block.0.weight": [64, 32, 3, 3],
    "module.audio_encoder.12.conv_block.0.weight": [512, 512, 1, 1],
    "module.face_decoder_blocks.1.0.conv_block.0.weight": [1024, 512, 3, 3],
    "module.face_decoder_blocks.6.2.conv_block.1.num_batches_tracked": [],
    "module.output_block.1.weight": [3, 32, 1, 1],
}


@pytest.fixture(scope="module")
def weights() -> dict[str, Any]:
    """Random, but of sizes at which no layer falls silent or runs away."""
    torch.manual_seed(11)
    network = Wav2Lip()
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if name.endswith("running_var"):
                value.uniform_(0.5, 2)
            elif name.endswith(("running_mean", "bias")):
                value.normal_(0, 0.2)
    return {f"module.{name}": value for name, value in network.state_dict().items()}


@pytest.fixture(scope="module")
def checkpoint(weights: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("official") / "wav2lip_gan.pth"
    torch.save({"state_dict": weights, "global_step": 1, "optimizer": None}, path)
    return path


def test_names_shapes_and_size_are_the_official_ones(weights: dict[str, Any]) -> None:
    assert {name: list(weights[name].shape) for name in OFFICIAL} == OFFICIAL
    assert parameter_count(Wav2Lip()) == pytest.approx(36.3e6, abs=0.05e6)


def test_the_onnx_file_computes_the_same_in_the_kiosk(checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "wav2lip.onnx"
    assert convert(checkpoint, out) < 1e-4
    model = LipsModel(out, threads=1)
    assert model.contract.size == 96
    random = np.random.default_rng(2)
    windows = random.uniform(-4, 4, (1, 80, 16)).astype(np.float32)
    faces = random.uniform(0, 1, (1, 6, 96, 96)).astype(np.float32)
    network = Wav2Lip().eval()
    network.load_state_dict(load_weights(checkpoint))
    with torch.no_grad():
        true = network(torch.from_numpy(windows)[:, None], torch.from_numpy(faces)).numpy()
    assert np.ptp(true) > 0.05  # not a blank picture
    assert np.abs(model.run(windows, faces) - true).max() < 1e-4
    assert multiplications(out) == pytest.approx(3970, rel=0.01)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wav2lip.json", "wav2lip.onnx"]


def test_other_weights_are_named(weights: dict[str, Any], tmp_path: Path) -> None:
    other = dict(weights)
    del other["module.output_block.1.bias"]
    other["module.netD.weight"] = torch.zeros(3)
    other["module.audio_encoder.0.conv_block.0.bias"] = torch.zeros(7)
    path = tmp_path / "other.pth"
    torch.save({"state_dict": other}, path)
    with pytest.raises(BadInput) as caught:
        convert(path, tmp_path / "out.onnx")
    message = str(caught.value)
    assert "1 missing (output_block.1.bias)" in message
    assert "1 unknown (netD.weight)" in message
    assert "audio_encoder.0.conv_block.0.bias [7] instead of [32]" in message
    assert "\n" not in message
    assert not (tmp_path / "out.onnx").exists()


def test_weights_that_are_not_numbers(weights: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "nan.pth"
    broken = weights["module.output_block.1.bias"] * float("nan")
    torch.save({"state_dict": {**weights, "module.output_block.1.bias": broken}}, path)
    with pytest.raises(BadInput, match="not numbers"):
        convert(path, tmp_path / "out.onnx")


class _Trap:
    """What a hostile checkpoint would run while it is opened."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch trapped",)


def test_nothing_in_a_checkpoint_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "trap.pth"
    torch.save({"state_dict": {"a": _Trap()}}, path)
    with pytest.raises(BadInput, match="more than weights"):
        load_weights(path)
    path.write_bytes(pickle.dumps({"state_dict": {"a": _Trap()}}))
    with pytest.raises(BadInput, match=r"trap\.pth"):
        load_weights(path)
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize("content", [b"", b"<html>Quota exceeded</html>" * 40, b"PK\x03\x04 cut"])
def test_what_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wav2lip.pth"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"wav2lip\.pth: .*official checkpoint") as caught:
        load_weights(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [{"generator": {}}, [1, 2], {"state_dict": {"a": 1}}])
def test_weights_are_where_they_belong(tmp_path: Path, content: object) -> None:
    path = tmp_path / "wav2lip.pth"
    torch.save(content, path)
    with pytest.raises(BadInput, match="'state_dict'"):
        load_weights(path)


def test_a_missing_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such checkpoint"):
        load_weights(tmp_path / "wav2lip.pth")

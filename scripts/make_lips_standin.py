"""Write lips models with Wav2Lip's contract and no training, for tests and for measuring speed.

    python scripts/make_lips_standin.py wav2lip-shaped.onnx
    python scripts/make_lips_standin.py tiny.onnx --tiny --size 96 --batch 1 --swapped

The first has every layer of Wav2Lip (36.3 million weights, 145 MB) with random weights: as slow as
the real one, and it draws noise. The tiny one has no layers: it darkens a spot of the face by the
loudness of the sound, so that a test can see the mouth follow.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_OPSET = 17
_IR_VERSION = 9  # what opset 17 came with; old onnxruntimes refuse newer ones
BANDS, COLUMNS = 80, 16
_FACE_SHARE, _SOUND_SHARE = 0.25, 1.3


class _Graph:
    """Collects nodes and weights; every method returns the name of the tensor it made."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, values: NDArray[Any]) -> str:
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def conv(
        self,
        source: str,
        channels: tuple[int, int],
        *,
        kernel: int = 3,
        stride: int | tuple[int, int] = 1,
        padding: int = 1,
        relu: bool = True,
        add: str = "",
        gain: float = 1.0,
    ) -> str:
        """Convolution with its batch normalisation folded in, as every exporter does."""
        inside, outside = channels
        scale = gain * np.sqrt(2 / (inside * kernel * kernel))
        weights = self._random.normal(0, scale, (outside, inside, kernel, kernel))
        strides = [stride, stride] if isinstance(stride, int) else list(stride)
        out = self.node(
            "Conv",
            source,
            self.constant(weights.astype(np.float32)),
            self.constant(np.zeros(outside, dtype=np.float32)),
            kernel_shape=[kernel, kernel],
            strides=strides,
            pads=[padding] * 4,
        )
        if add:
            out = self.node("Add", out, add)
        return self.node("Relu", out) if relu else out

    def residual(self, source: str, channels: int, count: int) -> str:
        """``count`` blocks conv + input; quiet ones, or random weights would grow without end."""
        for _ in range(count):
            source = self.conv(source, (channels, channels), add=source, gain=0.3)
        return source

    def transposed(
        self,
        source: str,
        channels: tuple[int, int],
        *,
        joined: int = 0,
        stride: int = 2,
        padding: int = 1,
    ) -> str:
        """ConvTranspose with its batch normalisation folded in.

        The last ``joined`` channels come from the face. They are made quieter, or the sound would
        drown among random features on its way up, and a picture would be good without it.
        """
        inside, outside = channels
        scale = np.full((inside, 1, 1, 1), np.sqrt(2 * stride * stride / (inside * 9)))
        scale[inside - joined :] *= _FACE_SHARE
        scale[: inside - joined] *= _SOUND_SHARE
        weights = self._random.normal(0, 1, (inside, outside, 3, 3)) * scale
        out = self.node(
            "ConvTranspose",
            source,
            self.constant(weights.astype(np.float32)),
            self.constant(np.zeros(outside, dtype=np.float32)),
            kernel_shape=[3, 3],
            strides=[stride, stride],
            pads=[padding] * 4,
            output_padding=[stride - 1] * 2,
        )
        return self.node("Relu", out)

    def model(self, inputs: list[Any], output: Any) -> Any:
        """The finished model; the node made last gives its output."""
        self.nodes[-1].output[0] = output.name
        graph = helper.make_graph(self.nodes, "lips", inputs, [output], self.weights)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
        )
        onnx.checker.check_model(model)
        return model


def _tensor(name: str, *shape: int | str) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


def wav2lip_shaped(seed: int = 1) -> Any:
    """Every layer of Wav2Lip (S = 96, any batch) with random weights.

    Source: ``models/wav2lip.py`` of the reference implementation.
    """
    graph = _Graph(seed)
    features = _face_encoder(graph, "video_frames")
    sound = _audio_encoder(graph, "mel_spectrogram")
    picture = _decoder(graph, sound, features)
    picture = graph.conv(picture, (80, 32))
    picture = graph.conv(picture, (32, 3), kernel=1, padding=0, relu=False, gain=0.5)
    graph.node("Sigmoid", picture)
    return graph.model(
        [
            _tensor("mel_spectrogram", "batch", 1, BANDS, COLUMNS),
            _tensor("video_frames", "batch", 6, 96, 96),
        ],
        _tensor("predicted_frames", "batch", 3, 96, 96),
    )


def _face_encoder(graph: _Graph, source: str) -> list[str]:
    """Feature maps of sides 96, 48, 24, 12, 6, 3, 1."""
    maps = [graph.conv(source, (6, 16), kernel=7, padding=3)]
    channels = 16
    for wider, blocks in ((32, 2), (64, 3), (128, 2), (256, 2), (512, 1)):
        down = graph.conv(maps[-1], (channels, wider), stride=2)
        maps.append(graph.residual(down, wider, blocks))
        channels = wider
    deepest = graph.conv(maps[-1], (512, 512), padding=0)
    maps.append(graph.conv(deepest, (512, 512), kernel=1, padding=0))
    return maps


def _audio_encoder(graph: _Graph, source: str) -> str:
    """512 features of one mel window."""
    sound = graph.residual(graph.conv(source, (1, 32)), 32, 2)
    sound = graph.residual(graph.conv(sound, (32, 64), stride=(3, 1)), 64, 2)
    sound = graph.residual(graph.conv(sound, (64, 128), stride=3), 128, 2)
    sound = graph.residual(graph.conv(sound, (128, 256), stride=(3, 2)), 256, 1)
    sound = graph.conv(sound, (256, 512), padding=0)
    return graph.conv(sound, (512, 512), kernel=1, padding=0)


def _decoder(graph: _Graph, sound: str, features: list[str]) -> str:
    """From 1x1 to 96x96, with the face's feature map of the same side joined at each step."""
    picture = graph.conv(sound, (512, 512), kernel=1, padding=0)
    picture = graph.node("Concat", picture, features[6], axis=1)
    picture = graph.transposed(picture, (1024, 512), joined=512, stride=1, padding=0)
    picture = graph.residual(picture, 512, 1)
    picture = graph.node("Concat", picture, features[5], axis=1)
    steps = (
        (1024, 512, 512, 4),
        (768, 256, 384, 3),
        (512, 128, 256, 2),
        (320, 64, 128, 1),
        (160, 32, 64, 0),
    )
    for inside, joined, outside, level in steps:
        up = graph.transposed(picture, (inside, outside), joined=joined)
        picture = graph.residual(up, outside, 2)
        picture = graph.node("Concat", picture, features[level], axis=1)
    return picture


def small(size: int = 32, *, batch: int | None = None, up: str = "ConvTranspose") -> Any:
    """Wav2Lip's structure with few weights: 80 kB, and every kind of layer that matters.

    Args:
        size: Side S of the face; a multiple of 8.
        batch: The only batch it takes; None for any.
        up: How the decoder enlarges: ConvTranspose, Resize or DepthToSpace.
    """
    graph = _Graph(5)
    frames: int | str = batch or "batch"
    first = graph.conv("face", (6, 8), kernel=5, padding=2)
    second = graph.residual(graph.conv(first, (8, 12), stride=2), 12, 1)
    third = graph.conv(second, (12, 16), stride=2)
    deepest = graph.conv(third, (16, 16), stride=2)
    sound = graph.conv("sound", (1, 8), stride=(3, 1))
    sound = graph.node("GlobalAveragePool", graph.conv(sound, (8, 16), stride=3))
    picture = graph.node("Mul", deepest, sound)
    for inside, outside, feature in ((16, 16, third), (32, 12, second), (24, 8, first)):
        if up == "ConvTranspose":
            picture = graph.transposed(picture, (inside, outside))
        elif up == "Resize":
            factors = graph.constant(np.array([1, 1, 2, 2], dtype=np.float32))
            larger = graph.node("Resize", picture, "", factors, mode="linear")
            picture = graph.conv(larger, (inside, outside))
        else:
            deep = graph.conv(picture, (inside, 4 * outside))
            picture = graph.node("DepthToSpace", deep, blocksize=2)
        picture = graph.residual(picture, outside, 1)
        picture = graph.node("Concat", picture, feature, axis=1)
    picture = graph.conv(graph.conv(picture, (16, 8)), (8, 3), kernel=1, padding=0, relu=False)
    graph.node("Sigmoid", picture)
    inputs = [_tensor("sound", frames, 1, BANDS, COLUMNS), _tensor("face", frames, 6, size, size)]
    return graph.model(inputs, _tensor("picture", frames, 3, size, size))


def tiny(
    size: int = 96,
    *,
    batch: int | None = None,
    swapped: bool = False,
    names: tuple[str, str] = ("mel_spectrogram", "video_frames"),
    darkest: float = 0.5,
) -> Any:
    """A model of a few hundred bytes whose "mouth" darkens with the sound.

    Args:
        size: Side S of the face.
        batch: The only batch it takes; None for any.
        swapped: Put the face before the sound.
        names: Of the sound's and the face's input.
        darkest: How much full loudness takes away from the whole face's brightness, 0..1.
    """
    graph = _Graph(0)
    sound, face = names
    frames: int | str = batch or "batch"
    axis = np.arange(size) / size
    rows = np.exp(-0.5 * ((axis - 0.75) / 0.06) ** 2) * (axis >= 0.5)
    columns = np.exp(-0.5 * ((axis - 0.5) / 0.12) ** 2)
    whole = graph.node(
        "Slice", face, *(graph.constant(np.array([at], dtype=np.int64)) for at in (3, 6, 1))
    )
    loudness = graph.node("ReduceMean", sound, axes=[1, 2, 3], keepdims=1)
    share = graph.node("Add", loudness, graph.constant(np.array(4, dtype=np.float32)))
    amount = graph.node("Mul", share, graph.constant(np.array(darkest / 8, dtype=np.float32)))
    tall = graph.node("Mul", amount, graph.constant(rows.astype(np.float32).reshape(1, 1, -1, 1)))
    spot = graph.node("Mul", tall, graph.constant(columns.astype(np.float32).reshape(1, 1, 1, -1)))
    darker = graph.node("Sub", whole, spot)
    low, high = (graph.constant(np.array(at, dtype=np.float32)) for at in (0, 1))
    graph.node("Clip", darker, low, high)
    inputs = [_tensor(sound, frames, 1, BANDS, COLUMNS), _tensor(face, frames, 6, size, size)]
    return graph.model(
        inputs[::-1] if swapped else inputs, _tensor("picture", frames, 3, size, size)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--tiny", action="store_true", help="a few hundred bytes instead of 145 MB")
    parser.add_argument("--size", type=int, default=96, help="side of the tiny model's face")
    parser.add_argument("--batch", type=int, help="the tiny model's only batch")
    parser.add_argument(
        "--swapped", action="store_true", help="the tiny model takes the face first"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the random weights")
    given = parser.parse_args()
    if given.tiny:
        model = tiny(given.size, batch=given.batch, swapped=given.swapped)
    else:
        model = wav2lip_shaped(given.seed)
    onnx.save(model, given.out)
    weights = sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer)
    print(f"{given.out}: {weights / 1e6:.1f} million weights")


if __name__ == "__main__":
    main()

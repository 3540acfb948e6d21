"""Make a tiny voice in Piper's format that hums instead of speaking.

Aim: the tests run Piper's real path (JSON, espeak-ng, onnxruntime) without downloaded weights. Each
phoneme id is a tone of its own pitch, about 20 to 60 ms long, so lengths and pitches can be checked
by ear and by arithmetic. Like official voices it has one output; with ``timings`` it also has the
single ``Ceil`` node from which Piper's alignment patch takes the durations.

Usage: ``python scripts/make_test_voice.py OUT.onnx [--no-timings]``
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

SAMPLE_RATE_HZ = 16_000
HOP_SAMPLES = 256
LOWEST_HZ = 120.0
STEP_HZ = 3.0
LOUDNESS = 0.5
SILENT_SYMBOLS = ("^", "$", " ", ",", ".", ";", ":", "!", "?")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("out", type=Path, metavar="OUT.onnx")
    parser.add_argument("--no-timings", action="store_true", help="leave out the Ceil node")
    options = parser.parse_args()
    make_test_voice(options.out, timings=not options.no_timings)
    print(f"{options.out}: {options.out.stat().st_size} bytes")


def make_test_voice(path: Path, *, timings: bool = True, language: str = "en-us") -> None:
    """Write ``path`` and ``path``.json.

    Args:
        path: The voice (.onnx).
        timings: True if Piper's alignment patch shall find the durations.
        language: Espeak's code of the language.
    """
    model = build_model(timings=timings)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())
    Path(f"{path}.json").write_text(
        json.dumps(build_config(language), ensure_ascii=False, indent=1)
    )


def build_config(language: str) -> dict[str, object]:
    """The JSON beside the voice, as Piper's trainer writes it."""
    return {
        "audio": {"sample_rate": SAMPLE_RATE_HZ, "quality": "test"},
        "espeak": {"voice": language},
        "phoneme_type": "espeak",
        "num_symbols": symbol_count(),
        "num_speakers": 1,
        "speaker_id_map": {},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "hop_length": HOP_SAMPLES,
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
    }


def symbol_count() -> int:
    """One more than the highest id of Piper's own alphabet."""
    return 1 + max(int(n) for numbers in DEFAULT_PHONEME_ID_MAP.values() for n in numbers)


def build_model(*, timings: bool) -> onnx.ModelProto:
    """The graph: durations of the ids, ids of the frames, a sine whose pitch follows them.

    Inputs as all Piper voices: ``input`` (1, T) ids, ``input_lengths`` (1,), ``scales`` (3,) noise,
    length and duration noise. Output (1, 1, 1, S) samples.
    """
    count = symbol_count()
    # Pads, which stand between all phonemes, are the shortest; others differ, to be told apart.
    lengths = np.array([0.5, *(1.5 + number % 3 for number in range(1, count))], np.float32)
    loudness = np.full(count, LOUDNESS, np.float32)
    for symbol in SILENT_SYMBOLS:
        loudness[DEFAULT_PHONEME_ID_MAP[symbol]] = 0.0
    pitches = (LOWEST_HZ + STEP_HZ * np.arange(count)).astype(np.float32)
    constants = {
        "lengths": lengths,
        "loudness": loudness,
        "radians_per_sample": (2 * np.pi / SAMPLE_RATE_HZ * pitches).astype(np.float32),
        "length_place": np.array(1, np.int64),
        "zero": np.array(0, np.int64),
        "one": np.array(1, np.int64),
        "half": np.array(0.5, np.float32),
        "first": np.array([0], np.int64),
        "second": np.array([1], np.int64),
        "flat": np.array([-1], np.int64),
        "hop": np.array([1, HOP_SAMPLES], np.int64),
        "sound_shape": np.array([1, 1, 1, -1], np.int64),
    }
    node = helper.make_node
    rounding = (
        [node("Ceil", ["scaled"], ["durations"])]
        if timings
        else [node("Add", ["scaled", "half"], ["raised"]), node("Floor", ["raised"], ["durations"])]
    )
    nodes = [
        # Ids within input_lengths, each with its length in frames.
        node("Slice", ["input", "first", "input_lengths", "second"], ["used"]),
        node("Reshape", ["used", "flat"], ["ids"]),
        node("Gather", ["lengths", "ids"], ["own_lengths"]),
        node("Gather", ["scales", "length_place"], ["length_scale"]),
        node("Mul", ["own_lengths", "length_scale"], ["scaled"]),
        *rounding,
        # The id that each frame belongs to: as many as have ended before it.
        node("CumSum", ["durations", "zero"], ["ends"]),
        node("ReduceSum", ["durations"], ["total"], keepdims=0),
        node("Cast", ["total"], ["frames"], to=TensorProto.INT64),
        node("Range", ["zero", "frames", "one"], ["frame"]),
        node("Unsqueeze", ["frame", "second"], ["frame_column"]),
        node("Cast", ["ends"], ["whole_ends"], to=TensorProto.INT64),
        node("LessOrEqual", ["whole_ends", "frame_column"], ["ended"]),
        node("Cast", ["ended"], ["ended_count"], to=TensorProto.INT64),
        node("ReduceSum", ["ended_count", "second"], ["place"], keepdims=0),
        node("Gather", ["ids", "place"], ["frame_ids"]),
        # From frames to samples, and a sine without a jump of phase.
        node("Unsqueeze", ["frame_ids", "second"], ["id_column"]),
        node("Tile", ["id_column", "hop"], ["id_rows"]),
        node("Reshape", ["id_rows", "flat"], ["sample_ids"]),
        node("Gather", ["radians_per_sample", "sample_ids"], ["steps"]),
        node("CumSum", ["steps", "zero"], ["phase"]),
        node("Sin", ["phase"], ["sine"]),
        node("Gather", ["loudness", "sample_ids"], ["gains"]),
        node("Mul", ["sine", "gains"], ["hum"]),
        node("Reshape", ["hum", "sound_shape"], ["output"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "test_voice",
        inputs=[
            value("input", TensorProto.INT64, [1, "phonemes"]),
            value("input_lengths", TensorProto.INT64, [1]),
            value("scales", TensorProto.FLOAT, [3]),
        ],
        outputs=[value("output", TensorProto.FLOAT, [1, 1, 1, "samples"])],
        initializer=[numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="kiosk"
    )


if __name__ == "__main__":
    main()

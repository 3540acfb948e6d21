"""One ONNX file in Piper's format: network and vocoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from kiosk.errors import BadInput
from studio.voice.acoustic import Acoustic
from studio.voice.settings import HOP_SAMPLES, SAMPLE_RATE_HZ, SYMBOLS
from studio.voice.timbre import Timbre
from studio.voice.vocoder import Vocoder

OPSET = 17
USUAL_NOISE_SCALE = 2 / 3
"""Piper's usual ``noise_scale``, at which the breath is as the timbre says."""

SHORTEST_HOPS = 0.35
"""Symbols that would be shorter are silent: stress and length marks, most spaces."""

FIRST_HOPS = 2.0
"""The start symbol has at least that: an empty text is a moment of silence, and not nothing."""

LARGEST_BYTES = 17_000_000
LARGEST_DIFFERENCE = 5e-3
"""Both round the phase of the voice differently, which high harmonics show at a few pulses."""


class PiperVoice(nn.Module):
    """What Piper calls: phoneme numbers to sound and lengths."""

    def __init__(self, acoustic: Acoustic, timbre: Timbre) -> None:
        super().__init__()
        self.acoustic = acoustic
        self.vocoder = Vocoder(timbre)

    def forward(self, ids: Tensor, counts: Tensor, scales: Tensor) -> tuple[Tensor, Tensor]:
        """Speak.

        Args:
            ids: [1, n] numbers with Piper's padding after each.
            counts: [1] n.
            scales: [3] noise (2/3: usual), length (1: usual), and one that is not used.

        Returns:
            Samples [1, 1, 1, samples], and hops of each number [1, 1, n]; their sum times
            ``hop_length`` is the number of samples.
        """
        codes, log_lengths = self.acoustic.encode(ids[:, 0 : counts[0] : 2])
        wanted = torch.clamp(torch.exp(log_lengths[0]) - 1, min=0) * scales[1]
        wanted = torch.where(wanted < SHORTEST_HOPS, torch.zeros_like(wanted), wanted)
        wanted = torch.cat([torch.clamp(wanted[:1], min=FIRST_HOPS), wanted[1:]])
        # Ends are rounded, not lengths: so errors do not add up.
        ends = torch.floor(torch.cumsum(wanted, 0) + 0.5)
        begins = torch.cat([torch.zeros_like(ends[:1]), ends[:-1]])
        lengths = ends - begins
        hops = torch.arange(ends[-1].to(torch.int64)).to(ends.dtype)
        spoken = (ends[None, :] <= hops[:, None]).to(torch.int64).sum(1)

        frames = self.acoustic.decode(
            codes[:, spoken],
            begins[spoken][None],
            lengths[spoken][None],
            torch.ones_like(hops)[None, None],
        )
        samples = self.vocoder(
            frames.cepstra[0],
            frames.log_f0[0],
            torch.sigmoid(frames.voicing[0]),
            scales[0] / USUAL_NOISE_SCALE,
        )
        with_padding = torch.stack([lengths, torch.zeros_like(lengths)], 1).reshape(-1)[:-1]
        return samples[None, None, None], with_padding[None, None]


def export_voice(acoustic: Acoustic, path: Path, timbre: Timbre | None = None) -> float:
    """Write ``path`` and ``path.json``.

    Args:
        acoustic: The network.
        path: The voice, ``.onnx``.
        timbre: How breath is mixed in.

    Returns:
        The difference between PyTorch's samples and those of the file, as a share of their own
        size (root mean square).

    Raises:
        BadInput: The file does not compute what the network does, or is too large.
    """
    voice = PiperVoice(acoustic.eval(), timbre or Timbre()).eval()
    ids = torch.randint(3, 100, (1, 41), generator=torch.Generator().manual_seed(0))
    ids[0, 1::2] = 0
    inputs = (ids, torch.tensor([41]), torch.tensor([0.667, 1.0, 0.8]))
    path.parent.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        torch.onnx.export(
            voice,
            inputs,
            str(path),
            input_names=["input", "input_lengths", "scales"],
            output_names=["output", "durations"],
            dynamic_axes={"input": {1: "n"}, "output": {3: "samples"}, "durations": {2: "n"}},
            opset_version=OPSET,
            dynamo=False,
        )
        samples, lengths = voice(*inputs)
    Path(f"{path}.json").write_text(
        json.dumps(piper_config(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    said = session.run(None, dict(zip(names, (item.numpy() for item in inputs), strict=True)))
    if not np.array_equal(said[1], lengths.numpy()):
        raise BadInput("The exported voice has other lengths than the network.", where=path)
    expected = samples.numpy()
    difference = float(np.std(said[0] - expected) / np.std(expected))
    if difference > LARGEST_DIFFERENCE:
        raise BadInput(f"The exported voice differs by {difference:.2%}.", where=path)
    if path.stat().st_size > LARGEST_BYTES:
        raise BadInput(f"The voice is too large ({path.stat().st_size} bytes).", where=path)
    return difference


def piper_config() -> dict[str, object]:
    """What Piper reads beside the voice."""
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    return {
        "audio": {"sample_rate": SAMPLE_RATE_HZ, "quality": "distilled"},
        "espeak": {"voice": "en-us"},
        "phoneme_type": "espeak",
        "num_symbols": SYMBOLS,
        "num_speakers": 1,
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "speaker_id_map": {},
        "hop_length": HOP_SAMPLES,
        "piper_version": "1.8.0",
    }

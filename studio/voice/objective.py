"""What the training makes small, and the same errors in units that mean something."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.voice.settings import CEPSTRA, FRAME_S, HOP_FRAMES

if TYPE_CHECKING:
    from studio.voice.training import Batch

WARPED_BINS = 64
_DB = 10 / math.log(10) * math.sqrt(2)


@dataclass(frozen=True, slots=True)
class Errors:
    """How far a network is from the teacher.

    Attributes:
        loss: What is made small.
        distortion_db: Mel-cepstral distortion without the energy.
        pitch_semitones: Root mean square, where there is voice.
        voicing_percent: Frames with voice where there is none, or the other way round.
        length_ms: Mean absolute error of a phoneme's length.
    """

    loss: float
    distortion_db: float
    pitch_semitones: float
    voicing_percent: float
    length_ms: float

    def __str__(self) -> str:
        return (
            f"loss {self.loss:.4f}, {self.distortion_db:.2f} dB, {self.pitch_semitones:.2f} st, "
            f"voicing {self.voicing_percent:.2f} %, lengths {self.length_ms:.1f} ms"
        )


class Scale(nn.Module):
    """Turns mel-cepstra into log amplitudes at equal steps of the warped frequency."""

    cosines: Tensor

    def __init__(self) -> None:
        super().__init__()
        steps = torch.linspace(0, math.pi, WARPED_BINS)
        self.register_buffer("cosines", torch.cos(torch.arange(CEPSTRA)[:, None] * steps[None]))

    def forward(self, cepstra: Tensor) -> Tensor:
        """[..., 45] to [..., 64], neper."""
        return cepstra @ self.cosines


def losses(
    network: nn.Module, batch: Batch, scale: Scale, *, half: bool = False
) -> tuple[Tensor, Errors]:
    """The loss of a batch, and its errors.

    Spectra are compared as log amplitudes and by their change from frame to frame; the mean of
    absolute differences keeps edges sharper than that of squares.

    Args:
        network: An ``Acoustic``.
        batch: Sentences.
        scale: Cepstra to log amplitudes.
        half: Whether the decoder computes in bfloat16.
    """
    codes, lengths = network.encode(batch.ids, batch.counts)  # type: ignore[operator]
    symbols = _mask(batch.counts, batch.ids.shape[1])
    length_loss = _mean((lengths - batch.lengths).abs(), symbols)

    width = codes.shape[2]
    spoken = torch.gather(codes, 1, batch.spoken[..., None].expand(-1, -1, width))
    hops = _mask(batch.hops, batch.spoken.shape[1])
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        said = network.decode(  # type: ignore[operator]
            spoken, batch.starts, batch.symbol_hops, hops[:, None]
        )
    frames = hops.repeat_interleave(HOP_FRAMES, 1)
    voiced = batch.frames[..., CEPSTRA + 1]
    difference = said.cepstra - batch.frames[..., :CEPSTRA]
    spectra = scale(difference)
    spectral_loss = _mean(spectra.abs().mean(-1), frames)
    change_loss = _mean((spectra[:, 1:] - spectra[:, :-1]).abs().mean(-1), frames[:, 1:])
    voicing_loss = _mean(
        functional.binary_cross_entropy_with_logits(said.voicing, voiced, reduction="none"), frames
    )
    off = said.log_f0 - batch.frames[..., CEPSTRA]
    pitch_loss = _mean(off.abs() * (0.05 + 0.95 * voiced), frames)
    loss = spectral_loss + 0.5 * change_loss + 0.5 * voicing_loss + 4 * pitch_loss + length_loss

    with torch.no_grad():
        sounding = symbols * (batch.lengths > 0)
        apart = (torch.exp(lengths) - torch.exp(batch.lengths)).abs()
        errors = Errors(
            loss=loss.item(),
            distortion_db=_DB * _mean(difference[..., 1:].square().sum(-1).sqrt(), frames).item(),
            pitch_semitones=12 / math.log(2) * _mean(off.square(), voiced * frames).sqrt().item(),
            voicing_percent=100
            * _mean(((said.voicing > 0) != (voiced > 0)).float(), frames).item(),
            length_ms=1000 * FRAME_S * HOP_FRAMES * _mean(apart, sounding).item(),
        )
    return loss, errors


def _mask(counts: Tensor, width: int) -> Tensor:
    return (torch.arange(width)[None] < counts[:, None]).float()


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1)

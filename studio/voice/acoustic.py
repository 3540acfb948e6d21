"""The network that learns: phonemes to lengths and, hop by hop, to the parameters of speech."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.voice.settings import CEPSTRA, HOP_FRAMES, SYMBOLS

WIDTH = 192
PARAMETERS = CEPSTRA + 2
"""A frame: mel-cepstrum, log F0, voicing."""

_VOICING_GAIN = 2.0
_DECODER_DILATIONS = (1, 2, 1, 4, 1, 2)


class Frames(NamedTuple):
    """Parameters of speech.

    Attributes:
        cepstra: [..., frames, 45], neper.
        log_f0: [..., frames], natural logarithm of Hz.
        voicing: [..., frames], a logit: positive with voice.
    """

    cepstra: Tensor
    log_f0: Tensor
    voicing: Tensor


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of [batch, channels, time]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each point in time by itself."""
        return self.norm(x.transpose(1, 2)).transpose(1, 2)  # type: ignore[no-any-return]


class Residual(nn.Module):
    """Convolution, normalisation, GELU, and a mixing of the channels, added to the input."""

    def __init__(self, channels: int, kernel: int, dilation: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        padding = dilation * (kernel // 2)
        self.conv = nn.Conv1d(channels, channels, kernel, padding=padding, dilation=dilation)
        self.norm = ChannelNorm(channels)
        self.drop = nn.Dropout(dropout)
        self.mix = nn.Conv1d(channels, channels, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """[batch, channels, time] to the same; ``mask`` is 0 beyond a sentence's end."""
        change: Tensor = self.mix(self.drop(functional.gelu(self.norm(self.conv(x * mask)))))
        return x + change


class Acoustic(nn.Module):
    """Text encoder, length predictor and decoder; 2.5 million parameters."""

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(SYMBOLS, WIDTH)
        self.local = nn.ModuleList(Residual(WIDTH, 5, dropout=0.1) for _ in range(3))
        self.context = nn.GRU(WIDTH, WIDTH // 2, batch_first=True, bidirectional=True)
        self.context_norm = nn.LayerNorm(WIDTH)
        self.length = nn.ModuleList(Residual(WIDTH, 3, dropout=0.1) for _ in range(2))
        self.length_out = nn.Conv1d(WIDTH, 1, 1)
        self.decoder_in = nn.Linear(WIDTH + 5, WIDTH)
        self.decoder = nn.ModuleList(Residual(WIDTH, 5, step) for step in _DECODER_DILATIONS)
        self.decoder_norm = ChannelNorm(WIDTH)
        self.decoder_out = nn.Conv1d(WIDTH, HOP_FRAMES * PARAMETERS, 1)
        self.register_buffer("mean", torch.zeros(CEPSTRA + 1))
        self.register_buffer("deviation", torch.ones(CEPSTRA + 1))

    def encode(self, ids: Tensor, counts: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Symbols in their context.

        Args:
            ids: [batch, symbols].
            counts: [batch] symbols of each sentence; None if there is one sentence.

        Returns:
            Codes [batch, symbols, 192], and log(1 + length in hops) [batch, symbols].
        """
        x = self.embed(ids).transpose(1, 2)
        mask = torch.ones_like(x[:, :1])
        if counts is not None:
            mask = (torch.arange(ids.shape[1])[None] < counts[:, None]).to(x.dtype)[:, None]
        for block in self.local:
            x = block(x, mask)
        x = x.transpose(1, 2)
        if counts is None:
            around, _ = self.context(x)
        else:
            packed = nn.utils.rnn.pack_padded_sequence(
                x, counts, batch_first=True, enforce_sorted=False
            )
            around, _ = nn.utils.rnn.pad_packed_sequence(
                self.context(packed)[0], batch_first=True, total_length=ids.shape[1]
            )
        codes = self.context_norm(x + around)
        lengths = codes.transpose(1, 2)
        for block in self.length:
            lengths = block(lengths, mask)
        return codes, self.length_out(lengths)[:, 0]

    def decode(self, codes: Tensor, starts: Tensor, lengths: Tensor, mask: Tensor) -> Frames:
        """Parameters of every hop.

        Args:
            codes: [batch, hops, 192] the code of the symbol that is spoken in each hop.
            starts: [batch, hops] the hop in which that symbol starts.
            lengths: [batch, hops] hops that it takes.
            mask: [batch, 1, hops] 0 beyond a sentence's end.
        """
        x = torch.cat([codes, _place(starts, lengths)], -1)
        x = self.decoder_in(x).transpose(1, 2)
        for block in self.decoder:
            x = block(x, mask)
        x = self.decoder_out(self.decoder_norm(x) * mask).transpose(1, 2)
        x = x.reshape(x.shape[0], -1, PARAMETERS).float()
        scaled = x[..., : CEPSTRA + 1] * self.deviation + self.mean
        return Frames(
            scaled[..., :CEPSTRA], scaled[..., CEPSTRA], x[..., CEPSTRA + 1] * _VOICING_GAIN
        )


def _place(starts: Tensor, lengths: Tensor) -> Tensor:
    """Where in its symbol each hop lies, in five ways: [batch, hops, 5]."""
    hops = torch.arange(starts.shape[1]).to(starts.dtype)[None]
    since = torch.minimum(hops - starts, lengths - 1)  # beyond a sentence's end: its last hop
    along = (since + 0.5) / lengths
    return torch.stack(
        [
            along,
            torch.log1p(since),
            torch.log1p(lengths - 1 - since),
            torch.log(lengths) / 2,
            torch.sin(math.pi * along),
        ],
        -1,
    )

"""What is learnt in which order, and from which batches.

1. **see**: a code for true mouths, and how to draw them (MouthNet, PictureNet).
2. **hear**: the code from sound, on whole stretches of it, without any picture (SoundNet).
3. **speak**: both together from sound to picture, so that the drawing suits codes as they are
   heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kiosk.lipsync.mel import WINDOW_COLUMNS
from kiosk.training.augment import vary_sound
from kiosk.training.dataset import Clip, Pair, pairs
from kiosk.training.lead import best_lead
from kiosk.training.loop import Stage
from kiosk.training.losses import code_loss, moving_map, picture_loss
from kiosk.training.networks import Rows
from kiosk.training.references import PER_FRAME
from kiosk.training.settings import USUAL_LEAD_MS, TrainSettings

_CODE_NOISE = 0.05
_LARGEST_JITTER = 3  # whole pixels
_LIGHT = 0.06  # spread of the random exposure
_STRETCH_FRAMES = 40  # of sound in one row of the second stage's batch
_STRETCHES = 24
_VALIDATION_FRAMES = 96
_CODE_BATCH = 32
_CODE_WEIGHT = 0.5  # of the code's own loss in the third stage


@dataclass(frozen=True, slots=True)
class _Batch:
    """Attributes (all 0..1, H = S/2):

    face: The contract's second input, (B, 6, S, S).
    reference: Its lower half, (B, 3, H, S).
    target: The true lower half, (B, 3, H, S).
    """

    face: Tensor
    reference: Tensor
    target: Tensor


class Curriculum:
    """Draws batches and makes the stages.

    Args:
        clips: The footage.
        settings: Size, batch, lead.
        device: Where the networks are.
        random: Chance of the batches.
        torch_random: Chance of the augmentation.
        half_precision: Compute pictures in bfloat16.

    Attributes:
        lead_ms: Lead of the mouth; measured before the second stage unless the settings say.
        lead_scores: For each lead tried, how much of the code's variation the sound explains.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        settings: TrainSettings,
        device: torch.device,
        random: np.random.Generator,
        torch_random: torch.Generator,
        *,
        half_precision: bool,
    ) -> None:
        self.lead_ms = USUAL_LEAD_MS if settings.lead_ms is None else settings.lead_ms
        self.lead_scores: dict[int, float] = {}
        self._rows = Rows(settings.size)
        self._clips = clips
        self._settings = settings
        self._device = device
        self._random = random
        self._torch_random = torch_random
        self._half_precision = half_precision
        self._train = [clip.split.frames(clip.split.train) for clip in clips]
        self._held_back = _held_back(clips)
        self._weights = self._moving_weights()
        self._codes: list[Tensor] = []

    def stages(self) -> tuple[Stage, ...]:
        """In order, with shares of the budget that add up to 1."""
        both = ("sound", "picture")
        see = Stage("see", 0.4, 1.5e-3, ("mouth", "picture"), self._see, self._see_held_back)
        hear = Stage(
            "hear", 0.3, 2e-3, ("sound",), self._hear, self._hear_held_back, self._learn_codes
        )
        speak = Stage(
            "speak", 0.3, 5e-4, both, self._speak, self._speak_held_back, self._learn_codes
        )
        whole = Stage("speak", 1.0, 1.5e-3, both, self._speak, self._speak_held_back)
        return (see, hear, speak) if self._settings.learn_code else (whole,)

    # --- see: picture to code to picture ---------------------------------------------------------

    def _see(self, networks: nn.ModuleDict) -> Tensor:
        clip, frames = self._random_frames()
        batch = self._pictures(self._clips[clip], frames, vary=True)
        with self._autocast():
            code = networks["mouth"](batch.target, batch.reference)
            noise = torch.randn(code.shape, generator=self._torch_random).to(self._device)
            drawn = networks["picture"](batch.face, code + _CODE_NOISE * noise)
        return self._picture_loss(drawn, batch)

    def _see_held_back(self, networks: nn.ModuleDict) -> float:
        losses = []
        for clip, frames in self._held_back:
            batch = self._pictures(self._clips[clip], frames, vary=False)
            code = networks["mouth"](batch.target, batch.reference)
            losses.append(float(self._picture_loss(networks["picture"](batch.face, code), batch)))
        return float(np.mean(losses))

    # --- hear: sound to code ---------------------------------------------------------------------

    def _learn_codes(self, networks: nn.ModuleDict) -> None:
        """The code of every frame, by the network that sees; and the lead that suits it best."""
        network = networks["mouth"].eval()
        self._codes = []
        with torch.no_grad():
            for clip in self._clips:
                parts = []
                for first in range(0, len(clip.pictures), _CODE_BATCH):
                    frames = np.arange(first, min(first + _CODE_BATCH, len(clip.pictures)))
                    batch = self._pictures(clip, frames, vary=False)
                    parts.append(network(batch.target, batch.reference))
                self._codes.append(torch.cat(parts))
        if self._settings.lead_ms is None:
            codes = [code.cpu().numpy() for code in self._codes]
            self.lead_ms, self.lead_scores = best_lead(self._clips, codes)

    def _hear(self, networks: nn.ModuleDict) -> Tensor:
        number = self._random_clip()
        frames = self._train[number]
        whole = frames[np.isin(frames + _STRETCH_FRAMES - 1, frames)]
        firsts = self._random.choice(whole if len(whole) else frames[:1], _STRETCHES)
        mel, columns, true, rest = self._stretches(number, firsts)
        mel = vary_sound(mel, rest, self._torch_random)
        return code_loss(_at_columns(networks["sound"](mel), columns), true)

    def _hear_held_back(self, networks: nn.ModuleDict) -> float:
        losses = []
        for number, clip in enumerate(self._clips):
            for first, end in clip.split.validate:
                firsts = np.arange(first, max(first + 1, end - _STRETCH_FRAMES + 1), 20)
                mel, columns, true, _ = self._stretches(number, firsts)
                losses.append(float(code_loss(_at_columns(networks["sound"](mel), columns), true)))
        return float(np.mean(losses)) if losses else 0.0

    def _stretches(
        self, number: int, firsts: NDArray[np.int64]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Stretches of sound: mel (B, 1, 80, T), each frame's column in what the network makes of
        it (B, F), its true code (B, CODE_SIZE, F), and whether nobody speaks in all of it (B,)."""
        clip = self._clips[number]
        last = len(clip.pictures) - 1
        frames = np.minimum(firsts[:, None] + np.arange(_STRETCH_FRAMES), last)
        starts = np.stack([clip.starts(row, self.lead_ms) for row in frames])
        columns = starts - starts[:, :1]
        length = int(columns.max()) + WINDOW_COLUMNS
        padded = np.pad(clip.mel, ((0, 0), (0, length)), mode="edge")
        mel = np.stack([padded[:, at : at + length] for at in starts[:, 0]])
        codes = self._codes[number][torch.from_numpy(frames).to(self._device)]
        return (
            torch.from_numpy(mel)[:, None].to(self._device),
            torch.from_numpy(columns).to(self._device),
            codes.transpose(1, 2).float(),
            torch.from_numpy(clip.at_rest[frames].all(axis=1)).to(self._device),
        )

    # --- speak: sound to code to picture ---------------------------------------------------------

    def _speak(self, networks: nn.ModuleDict) -> Tensor:
        number, frames = self._random_frames()
        clip = self._clips[number]
        batch = self._pictures(clip, frames, vary=True)
        rest = torch.from_numpy(clip.at_rest[frames]).to(self._device)
        mel = vary_sound(self._windows(clip, frames), rest, self._torch_random)
        heard = networks["sound"](mel)
        with self._autocast():
            drawn = networks["picture"](batch.face, heard[:, :, 0])
        loss = self._picture_loss(drawn, batch)
        if self._codes:
            true = self._codes[number][torch.from_numpy(frames).to(self._device)]
            loss = loss + _CODE_WEIGHT * code_loss(heard, true[:, :, None].float())
        return loss

    def _speak_held_back(self, networks: nn.ModuleDict) -> float:
        losses = []
        for number, frames in self._held_back:
            clip = self._clips[number]
            batch = self._pictures(clip, frames, vary=False)
            code = networks["sound"](self._windows(clip, frames))[:, :, 0]
            losses.append(float(self._picture_loss(networks["picture"](batch.face, code), batch)))
        return float(np.mean(losses))

    # --- batches ---------------------------------------------------------------------------------

    def _random_clip(self) -> int:
        frames = np.array([len(train) for train in self._train], dtype=np.float64)
        return int(self._random.choice(len(frames), p=frames / frames.sum()))

    def _random_frames(self) -> tuple[int, NDArray[np.int64]]:
        number = self._random_clip()
        return number, self._random.choice(self._train[number], self._settings.batch)

    def _pictures(self, clip: Clip, frames: NDArray[np.int64], *, vary: bool) -> _Batch:
        size, count = self._settings.size, len(frames)
        if vary:
            ranks = self._random.integers(0, PER_FRAME, count)
            jitter = self._random.integers(-_LARGEST_JITTER, _LARGEST_JITTER + 1, (count, 2))
            pair = pairs(clip, frames, size, ranks=ranks, shifts=jitter)
        else:
            pair = pairs(clip, frames, size)
        reference, target = self._tensors(pair)
        if vary:
            light = torch.rand(count, 1, 1, 1, generator=self._torch_random).to(self._device)
            exposure = 1 + _LIGHT * (2 * light - 1)
            reference, target = (reference * exposure).clamp(0, 1), (target * exposure).clamp(0, 1)
        half = self._rows.half
        masked = target.clone()
        masked[:, :, half:] = 0
        face = torch.cat([masked, reference], dim=1)
        return _Batch(face, reference[:, :, half:], target[:, :, half:])

    def _tensors(self, pair: Pair) -> tuple[Tensor, Tensor]:
        """(B, 3, S, S), 0..1."""
        reference, target = (
            torch.from_numpy(pictures).to(self._device).permute(0, 3, 1, 2).float() / 255
            for pictures in (pair.reference, pair.target)
        )
        return reference, target

    def _windows(self, clip: Clip, frames: NDArray[np.int64]) -> Tensor:
        windows = clip.windows(frames, self.lead_ms)
        return torch.from_numpy(windows)[:, None].to(self._device)

    def _picture_loss(self, drawn: Tensor, batch: _Batch) -> Tensor:
        return picture_loss(drawn.float(), batch.target, batch.reference, self._weights)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self._device.type, torch.bfloat16, enabled=self._half_precision)

    def _moving_weights(self) -> Tensor:
        half, changes = self._rows.half, []
        for clip, frames in zip(self._clips, self._train, strict=True):
            some = frames[:: max(1, len(frames) // 200)]
            pair = pairs(clip, some, self._settings.size)
            apart = pair.target[:, half:].astype(np.int16) - pair.reference[:, half:]
            changes.append(np.abs(apart).astype(np.uint8))
        return moving_map(np.concatenate(changes)).to(self._device)


def _held_back(clips: Sequence[Clip]) -> list[tuple[int, NDArray[np.int64]]]:
    """The same frames for every evaluation, spread over all validation blocks."""
    chosen = []
    whole = sum(len(clip.split.frames(clip.split.validate)) for clip in clips)
    for number, clip in enumerate(clips):
        frames = clip.split.frames(clip.split.validate)
        wanted = max(1, round(_VALIDATION_FRAMES * len(frames) / max(1, whole)))
        if len(frames):
            even = np.linspace(0, len(frames) - 1, min(wanted, len(frames)))
            chosen.append((number, frames[even.round().astype(np.int64)]))
    return chosen


def _at_columns(codes: Tensor, columns: Tensor) -> Tensor:
    """Pick each frame's column: (B, C, T) and (B, F) to (B, C, F)."""
    return codes.gather(2, columns[:, None].expand(-1, codes.shape[1], -1))

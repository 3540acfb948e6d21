"""A sounddevice module without sound: devices as told, streams whose callbacks the test calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from kiosk.audio.blocks import BLOCK_SAMPLES, SAMPLE_RATE_HZ, AudioBlock


class FakeClock:
    """A clock that moves only when told."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self.time_s = now_s

    def now_s(self) -> float:
        return self.time_s

    def sleep_s(self, seconds: float) -> None:
        self.time_s += seconds


class PortAudioError(Exception):
    """Stands for sounddevice's own."""


@dataclass
class FakeStream:
    """Keeps what it was opened with."""

    options: dict[str, Any]
    latency: float = 0.05
    active: bool = False
    closed: bool = False

    def start(self) -> None:
        self.active = True

    def abort(self) -> None:
        self.active = False

    def close(self) -> None:
        self.closed = True

    def pull(self, frames: int, delay_s: float = 0.05) -> np.ndarray:
        """The device asks for sound."""
        out = np.full((frames, self.options["channels"]), 9.0, np.float32)
        time = SimpleNamespace(outputBufferDacTime=5.0 + delay_s, currentTime=5.0)
        self.options["callback"](out, frames, time, SimpleNamespace(output_underflow=False))
        return out

    def push(self, data: np.ndarray, delay_s: float = 0.03) -> None:
        """The device delivers sound, shape (frames, channels)."""
        time = SimpleNamespace(inputBufferAdcTime=5.0 - delay_s, currentTime=5.0)
        self.options["callback"](data, len(data), time, SimpleNamespace(input_overflow=False))


def device(name: str, inputs: int = 0, outputs: int = 0, rate_hz: float = 48_000.0) -> dict:
    return {
        "name": name,
        "hostapi": 0,
        "max_input_channels": inputs,
        "max_output_channels": outputs,
        "default_samplerate": rate_hz,
    }


@dataclass
class FakeSoundDevice:
    """Stands for the module.

    Attributes:
        devices: What there is.
        refused: Pairs of rate and channels that the devices do not take.
        streams: Every stream opened, in order.
        restarts: Times PortAudio was initialised again.
    """

    devices: list[dict]
    refused: set[tuple[int, int]] = field(default_factory=set)
    broken: bool = False
    streams: list[FakeStream] = field(default_factory=list)
    restarts: int = 0
    PortAudioError = PortAudioError

    def __post_init__(self) -> None:
        for index, record in enumerate(self.devices):
            record["index"] = index
        inputs = [d["index"] for d in self.devices if d["max_input_channels"]]
        outputs = [d["index"] for d in self.devices if d["max_output_channels"]]
        pair = (inputs[0] if inputs else -1, outputs[0] if outputs else -1)
        self.default = SimpleNamespace(device=pair)

    def query_devices(self) -> list[dict]:
        return self.devices

    def query_hostapis(self) -> list[dict]:
        return [{"name": "ALSA"}]

    def check_input_settings(self, *, device: int, channels: int, samplerate: int, dtype: str):
        del device, dtype
        if (samplerate, channels) in self.refused:
            raise PortAudioError("Invalid sample rate")

    def check_output_settings(self, *, device: int, channels: int, samplerate: int):
        del device
        if (samplerate, channels) in self.refused:
            raise PortAudioError("Invalid number of channels")

    def OutputStream(self, **options: Any) -> FakeStream:
        if self.broken:
            raise PortAudioError("Device unavailable")
        self.streams.append(FakeStream(options))
        return self.streams[-1]

    InputStream = OutputStream

    def _terminate(self) -> None:
        self.restarts += 1

    def _initialize(self) -> None:
        pass


def sine(seconds: float, *, hz: float = 440.0, peak: int = 8000, rate_hz: int = SAMPLE_RATE_HZ):
    """A tone, int16."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return (peak * np.sin(2 * np.pi * hz * times)).astype(np.int16)


def blocks(samples: np.ndarray, starts_at_s: float) -> list[AudioBlock]:
    """Cut sound into whole blocks."""
    return [
        AudioBlock(samples[at : at + BLOCK_SAMPLES], starts_at_s + at / SAMPLE_RATE_HZ)
        for at in range(0, len(samples) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES)
    ]

"""The microphone on PortAudio: 16 kHz mono in 20 ms blocks, whatever the device's own rate."""

from __future__ import annotations

import queue
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.audio.block_clock import BlockClock, reported_latency_s
from kiosk.audio.blocks import BLOCK_S, BLOCK_SAMPLES, SAMPLE_RATE_HZ, AudioBlock
from kiosk.audio.portaudio import (
    Stream,
    choose_device,
    close_stream,
    is_monitor,
    is_sound_server,
    portaudio_faults,
    pulse_default_source,
    sounddevice,
    start_stream,
)
from kiosk.errors import DeviceMissing
from kiosk.timing import Clock

QUEUE_BLOCKS = 100
"""Two seconds: longer than any pause of the engine's loop that a visitor should survive."""

STALL_S = 1.0
"""A device that delivers nothing for this long hangs."""

FIRST_BLOCK_S = 4.0
"""Some sound servers take this long to wake their device for a first stream."""

ZEROS_S = 3.0
"""Exact zeros for this long are suspicious: a real microphone always has noise."""


class PortAudioMicrophone:
    """Captures until closed (see ``ports.Microphone``).

    Args:
        device: Part of the device's name; None for the system's default.
        clock: Source of monotonic time.
    """

    def __init__(self, device: str | None, clock: Clock) -> None:
        self.blocks_captured = 0
        self.overruns = 0
        self._device = device
        self._clock = clock
        self._stream: Stream | None = None
        self._queue: queue.Queue[tuple[NDArray[np.int16], float]] = queue.Queue(QUEUE_BLOCKS)
        self._converter = _BlockConverter(SAMPLE_RATE_HZ)
        self._block_clock = BlockClock(SAMPLE_RATE_HZ)
        self._last_callback_s = 0.0
        self._last_sound_s = 0.0
        self._source: str | None = None

    def open(self) -> None:
        module = sounddevice()
        with portaudio_faults("microphone"):
            device = choose_device(module, self._device, "input")
            self._source = _source_behind(device["name"])
            rate_hz, channels = _negotiate(module, device)
            self._converter = _BlockConverter(rate_hz)
            self._block_clock = BlockClock(rate_hz)
            self._queue = queue.Queue(QUEUE_BLOCKS)
            self._last_callback_s = self._last_sound_s = self._clock.now_s()
            stream: Stream = module.InputStream(
                device=device["index"],
                samplerate=rate_hz,
                channels=channels,
                dtype="int16",
                blocksize=round(rate_hz * BLOCK_S),
                latency="low",
                callback=self._take,
            )
            self._stream = stream
            start_stream(stream)

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            close_stream(stream)

    def read(self, timeout_s: float) -> AudioBlock | None:
        deadline_s = self._clock.now_s() + timeout_s
        while True:
            block = self._converter.next_block()
            if block is not None:
                return block
            try:
                left_s = max(0.0, deadline_s - self._clock.now_s())
                samples, captured_at_s = self._queue.get(timeout=left_s)
            except queue.Empty:
                return None
            self._converter.push(samples, captured_at_s)

    def healthy(self, now_s: float) -> bool:
        """False if the device hangs or the sound server put another source in its place.

        A muted microphone, too, gives exact zeros for ever, so they alone only raise the question.
        """
        limit_s = STALL_S if self._block_clock.next_s is not None else FIRST_BLOCK_S
        if self._stream is None or now_s - self._last_callback_s >= limit_s:
            return False
        if now_s - self._last_sound_s < ZEROS_S or self._source is None:
            return True
        self._last_sound_s = now_s  # Ask again after another three seconds, not every time.
        return pulse_default_source() == self._source

    def _take(self, data: NDArray[np.int16], frames: int, time: Any, status: Any) -> None:
        """PortAudio's callback, on its own thread; ``data`` has shape (frames, channels)."""
        del status
        now_s = self._clock.now_s()
        self._last_callback_s = now_s
        stream = self._stream
        if stream is None:
            return
        reported_s = time.currentTime - time.inputBufferAdcTime
        latency_s = reported_latency_s(reported_s, stream.latency)
        captured_at_s = self._block_clock.stamp(now_s - latency_s, frames)
        samples = data[:, 0].copy() if data.shape[1] == 1 else _to_mono(data)
        if samples.any():
            self._last_sound_s = now_s
        self.blocks_captured += 1
        while True:
            try:
                self._queue.put_nowait((samples, captured_at_s))
                return
            except queue.Full:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        try:
            self._queue.get_nowait()
        except queue.Empty:
            return  # The reader was faster.
        self.overruns += 1


class _BlockConverter:
    """Turns device blocks of any rate into 20 ms blocks of 16 kHz."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._resampler: soxr.ResampleStream | None = None
        if rate_hz != SAMPLE_RATE_HZ:
            self._resampler = soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, 1, dtype="int16")
        self._waiting = np.zeros(0, np.int16)
        self._waiting_at_s = 0.0

    def push(self, samples: NDArray[np.int16], captured_at_s: float) -> None:
        """Take a device block whose first sample was captured at ``captured_at_s``."""
        ends_at_s = captured_at_s + len(samples) / self._rate_hz
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
            ends_at_s -= self._resampler.delay() / SAMPLE_RATE_HZ
        self._waiting = np.concatenate((self._waiting, samples))
        self._waiting_at_s = ends_at_s - len(self._waiting) / SAMPLE_RATE_HZ

    def next_block(self) -> AudioBlock | None:
        """The oldest whole block; None if there is not enough sound for one."""
        if len(self._waiting) < BLOCK_SAMPLES:
            return None
        block = AudioBlock(self._waiting[:BLOCK_SAMPLES], self._waiting_at_s)
        self._waiting = self._waiting[BLOCK_SAMPLES:]
        self._waiting_at_s += BLOCK_S
        return block


def _to_mono(data: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.asarray(data.astype(np.int32).mean(axis=1), np.int16)


def _negotiate(module: Any, device: dict[str, Any]) -> tuple[int, int]:
    """The first pair of rate and channels that the device takes, the cheapest first."""
    own_rate_hz = round(device["default_samplerate"])
    wishes = [(SAMPLE_RATE_HZ, 1), (own_rate_hz, 1), (SAMPLE_RATE_HZ, 2), (own_rate_hz, 2)]
    for rate_hz, channels in wishes[:-1]:
        try:
            module.check_input_settings(
                device=device["index"], channels=channels, samplerate=rate_hz, dtype="int16"
            )
        except module.PortAudioError:
            continue
        return rate_hz, channels
    return wishes[-1]  # Opening it says what is wrong.


def _source_behind(device_name: str) -> str | None:
    """The sound server's source that this device stands for; None if it is no sound server's.

    Raises:
        DeviceMissing: It is the loudspeaker's own echo: the kiosk would hear itself.
    """
    if not is_sound_server(device_name):
        return None
    source = pulse_default_source()
    if source is not None and is_monitor(source):
        raise DeviceMissing(
            "there is no microphone, only the echo of the loudspeaker.",
            where=source,
            remedy="Plug in a microphone or choose one in the sound settings.",
        )
    return source

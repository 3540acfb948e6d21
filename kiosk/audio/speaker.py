"""The loudspeaker on PortAudio: always running, silent when idle, so that speech starts at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.audio.block_clock import BlockClock, reported_latency_s
from kiosk.audio.playout import Playout
from kiosk.audio.portaudio import (
    Stream,
    choose_device,
    close_stream,
    portaudio_faults,
    sounddevice,
    start_stream,
)
from kiosk.errors import AudioFault
from kiosk.messages import PlaybackPosition
from kiosk.timing import Clock

BLOCK_S = 0.01
"""Silence comes within one block of ``stop``."""

LATENCY_S = 0.06
"""Asked of the device; less makes a busy two-core machine stutter, more delays every answer."""

STALL_S = 1.0
"""A device that takes no block for this long hangs."""

FIRST_BLOCK_S = 4.0
"""Some sound servers take this long to wake their device for a first stream."""


class PortAudioSpeaker:
    """Plays one utterance at a time and knows how much of it was heard (see ``ports.Speaker``).

    Args:
        device: Part of the device's name; None for the system's default.
        clock: Source of monotonic time.

    Attributes:
        device_underruns: Times the device ran dry because this process was late.
    """

    def __init__(self, device: str | None, clock: Clock) -> None:
        self.blocks_played = 0
        self.device_underruns = 0
        self._device = device
        self._clock = clock
        self._stream: Stream | None = None
        self._playout: Playout | None = None
        self._block_clock = BlockClock(1.0)
        self._mono = np.zeros(0, np.float32)
        self._last_callback_s = 0.0
        self._gain = 1.0

    @property
    def sample_rate_hz(self) -> int:
        return self._opened().stream_rate_hz

    @property
    def underruns(self) -> int:
        """Blocks in which the writer was late."""
        return self._opened().underruns

    def open(self) -> None:
        module = sounddevice()
        with portaudio_faults("loudspeaker"):
            device = choose_device(module, self._device, "output")
            rate_hz = round(device["default_samplerate"])
            self._playout = Playout(rate_hz)
            self._playout.set_volume(self._gain)
            self._block_clock = BlockClock(rate_hz)
            self._mono = np.zeros(8 * round(rate_hz * BLOCK_S), np.float32)
            self._last_callback_s = self._clock.now_s()
            stream: Stream = module.OutputStream(
                device=device["index"],
                samplerate=rate_hz,
                channels=1 if _plays_mono(module, device, rate_hz) else 2,
                dtype="float32",
                blocksize=round(rate_hz * BLOCK_S),
                latency=LATENCY_S,
                callback=self._fill,
            )
            self._stream = stream
            start_stream(stream)

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            close_stream(stream)

    def begin(self, utterance_id: int, sample_rate_hz: int) -> None:
        self._opened().begin(utterance_id, sample_rate_hz)

    def write(self, samples: NDArray[np.int16]) -> None:
        self._opened().write(samples)

    def finish(self) -> None:
        self._opened().finish()

    def stop(self) -> float:
        return self._opened().stop()

    def position(self) -> PlaybackPosition | None:
        return self._opened().position(self._clock.now_s())

    def done(self) -> bool:
        return self._opened().done(self._clock.now_s())

    def queued_s(self) -> float:
        """Seconds written but not yet given to the device."""
        return self._opened().queued_s()

    def expected_start_s(self) -> float:
        next_s = self._block_clock.next_s
        if next_s is None:
            stream = self._stream
            return self._clock.now_s() + (stream.latency if stream else LATENCY_S)
        return next_s + self._opened().queued_s()

    def set_volume(self, gain: float) -> None:
        self._gain = gain
        if self._playout is not None:
            self._playout.set_volume(gain)

    def healthy(self, now_s: float) -> bool:
        limit_s = STALL_S if self._block_clock.next_s is not None else FIRST_BLOCK_S
        return self._stream is not None and now_s - self._last_callback_s < limit_s

    def _opened(self) -> Playout:
        if self._playout is None:
            raise AudioFault("the loudspeaker is not open.", where="loudspeaker")
        return self._playout

    def _fill(self, out: NDArray[np.float32], frames: int, time: Any, status: Any) -> None:
        """PortAudio's callback, on its own thread; ``out`` has shape (frames, channels)."""
        self.device_underruns += bool(status.output_underflow)
        now_s = self._clock.now_s()
        self._last_callback_s = now_s
        playout, stream = self._playout, self._stream
        if playout is None or stream is None:
            out.fill(0.0)
            return
        reported_s = time.outputBufferDacTime - time.currentTime
        latency_s = reported_latency_s(reported_s, stream.latency)
        heard_at_s = self._block_clock.stamp(now_s + latency_s, frames)
        if frames > len(self._mono):
            self._mono = np.zeros(frames, np.float32)
        mono = self._mono[:frames]
        playout.render(mono, heard_at_s)
        out[:] = mono[:, np.newaxis]
        self.blocks_played += 1


def _plays_mono(module: Any, device: dict[str, Any], rate_hz: int) -> bool:
    """True unless the hardware takes stereo only."""
    try:
        module.check_output_settings(device=device["index"], channels=1, samplerate=rate_hz)
    except module.PortAudioError:
        return False
    return True

"""Runs inside a virtual room: plays a tone, listens to it, prints what happened as JSON.

PortAudio reads its environment when it starts, so this is a process of its own.
"""

from __future__ import annotations

import json
import time

import numpy as np

from kiosk.audio import PortAudioMicrophone, PortAudioSpeaker
from kiosk.timing import SystemClock

TONE_HZ = 440.0
RATE_HZ = 24_000
PLAYED_S = 1.5
STOP_AFTER_S = 0.8


def main() -> None:
    clock = SystemClock()
    speaker, microphone = PortAudioSpeaker(None, clock), PortAudioMicrophone(None, clock)
    speaker.open()
    microphone.open()
    heard: list[tuple[float, np.ndarray]] = []
    positions: list[tuple[float, float]] = []

    def listen(until_s: float) -> None:
        while clock.now_s() < until_s:
            block = microphone.read(0.05)
            if block is not None:
                heard.append((block.captured_at_s, block.samples))
            position = speaker.position()
            if position is not None:
                positions.append((position.heard_at_s, position.heard_s))

    listen(clock.now_s() + 1.0)  # Both streams settle.
    idle_blocks = speaker.blocks_played
    times = np.arange(round(PLAYED_S * RATE_HZ)) / RATE_HZ
    tone = (8000 * np.sin(2 * np.pi * TONE_HZ * times)).astype(np.int16)
    speaker.begin(7, RATE_HZ)
    expected_start_s = speaker.expected_start_s()
    speaker.write(tone)
    speaker.finish()
    listen(clock.now_s() + STOP_AFTER_S)
    stopped_at_s = clock.now_s()
    heard_s = speaker.stop()
    listen(clock.now_s() + 0.5)
    result = {
        "expected_start_s": expected_start_s,
        "stopped_at_s": stopped_at_s,
        "heard_s": heard_s,
        "done": speaker.done(),
        "idle_blocks": idle_blocks,
        "device_rate_hz": speaker.sample_rate_hz,
        "overruns": microphone.overruns,
        "healthy": microphone.healthy(time.monotonic()) and speaker.healthy(time.monotonic()),
        "positions": positions,
        "blocks": [(at_s, float(np.abs(block).max())) for at_s, block in heard],
        "samples": np.concatenate([block for _, block in heard]).tolist(),
    }
    microphone.close()
    speaker.close()
    print(json.dumps(result))


if __name__ == "__main__":
    main()

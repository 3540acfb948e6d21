"""Runs inside a virtual room: listens and plays until the devices fail, then says how that went.

Prints "ready" once both devices run, "failed MICROPHONE SPEAKER" once one of them is unhealthy
and both were closed, with a health flag for each.
"""

from __future__ import annotations

import os

from kiosk.audio import PortAudioMicrophone, PortAudioSpeaker
from kiosk.errors import AudioFault
from kiosk.timing import SystemClock

PATIENCE_S = 20.0


def main() -> None:
    clock = SystemClock()
    speaker, microphone = PortAudioSpeaker(None, clock), PortAudioMicrophone(None, clock)
    speaker.open()
    microphone.open()
    while microphone.blocks_captured < 5 or speaker.blocks_played < 5:
        microphone.read(0.1)
    print("ready", flush=True)
    until_s = clock.now_s() + PATIENCE_S
    healthy = (True, True)
    while all(healthy) and clock.now_s() < until_s:
        microphone.read(0.05)
        healthy = (microphone.healthy(clock.now_s()), speaker.healthy(clock.now_s()))
    for device in (microphone, speaker):
        try:
            device.close()
        except AudioFault:
            continue  # It hangs; the process is about to end anyway.
    print("failed", *map(int, healthy), flush=True)
    os._exit(0)  # As the engine is ended: PortAudio's own exit handler would hang.


if __name__ == "__main__":
    main()

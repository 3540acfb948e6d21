"""Microphone and loudspeaker of one engine process, with stand-ins where there is none.

Opening a device may hang for ever when the sound server hangs, and a device list is frozen when
PortAudio starts. So devices are opened once; when they die the engine process is replaced, and
while one is missing another short-lived process looks whether it has come back.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import TypeVar

from kiosk.audio import (
    RECORDING_S,
    Microphone,
    PortAudioMicrophone,
    PortAudioSpeaker,
    ScriptedMicrophone,
    Speaker,
    VirtualSpeaker,
    read_wav,
    write_wav,
)
from kiosk.engine.config import AudioMode, EngineConfig
from kiosk.errors import KioskError
from kiosk.persona import Site
from kiosk.timing import Clock, SystemClock

log = logging.getLogger(__name__)
T = TypeVar("T", Microphone, Speaker)

PROBE_EVERY_S = 10.0
PROBE_LIMIT_S = 8.0  # a hung sound server hangs the probe too


class Devices:
    """Aim: always a microphone and a loudspeaker object, and one place that knows their health.

    Attributes:
        microphone: Real, scripted, or silent where there is none.
        speaker: Real, or virtual: then captions and lips run without sound.
        has_microphone: False if questions can only be typed.
        name: What is in use, for `EngineReady`.
        faults: What is missing, one sentence each, for staff.
    """

    def __init__(self, config: EngineConfig, site: Site, clock: Clock) -> None:
        self.faults: list[str] = []
        self._site = site
        self._probe: _Probe | None = None
        if config.audio is AudioMode.VIRTUAL:
            self.microphone: Microphone = ScriptedMicrophone(clock)
            # Nothing is kept of what was said but for a film that somebody asked for.
            kept_s = RECORDING_S if config.sound_out is not None else 0.0
            self.speaker: Speaker = VirtualSpeaker(clock, recording_s=kept_s)
            self.microphone.open()
            self.speaker.open()
            self.has_microphone = True
            self.name = "virtual"
            return
        self.speaker = self._open(
            PortAudioSpeaker(site.audio.output or None, clock),
            lambda: VirtualSpeaker(clock, recording_s=0.0),
        )
        self.microphone = self._open(
            PortAudioMicrophone(site.audio.input or None, clock), lambda: ScriptedMicrophone(clock)
        )
        self.has_microphone = isinstance(self.microphone, PortAudioMicrophone)
        has_speaker = isinstance(self.speaker, PortAudioSpeaker)
        self.name = " + ".join(
            (
                "microphone" if self.has_microphone else "no microphone",
                "loudspeaker" if has_speaker else "no loudspeaker",
            )
        )
        if self.faults:
            self._probe = _Probe(site)

    @property
    def blocks(self) -> int:
        """Blocks processed by the devices; stands still if they hang."""
        return self.microphone.blocks_captured + self.speaker.blocks_played

    def check(self, now_s: float, *, quiet: bool) -> str:
        """Why the engine should be replaced; empty if it should not.

        Args:
            now_s: Monotonic time.
            quiet: True if no visitor would notice a restart.
        """
        if not self.microphone.healthy(now_s):
            return "microphone gone"
        if not self.speaker.healthy(now_s):
            return "loudspeaker gone"
        if quiet and self._probe is not None and self._probe.found(now_s):
            return "devices are back"
        return ""

    def play_recording(self, path: str) -> None:
        """Say a WAV file into the virtual microphone; a real one hears the room."""
        if isinstance(self.microphone, ScriptedMicrophone):
            samples, _ = read_wav(Path(path))
            self.microphone.say(samples)

    def save_sound(self, path: Path, from_s: float, until_s: float) -> None:
        """Write what the virtual loudspeaker played between two monotonic times."""
        if isinstance(self.speaker, VirtualSpeaker):
            write_wav(path, self.speaker.recording(from_s, until_s), self.speaker.sample_rate_hz)

    def close(self) -> None:
        self.microphone.close()
        self.speaker.close()

    def _open(self, device: T, stand_in: Callable[[], T]) -> T:
        try:
            device.open()
        except KioskError as error:
            log.warning("%s", error)
            self.faults.append(str(error))
            device = stand_in()
            device.open()
        return device


class _Probe:
    """Looks in a process of its own, from time to time, whether both devices can be opened."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._next_at_s = 0.0
        self._process: SpawnProcess | None = None

    def found(self, now_s: float) -> bool:
        """Start, watch and end probes; true once one has opened both devices."""
        if self._process is None:
            if self._next_at_s == 0.0:
                self._next_at_s = now_s + PROBE_EVERY_S
            if now_s >= self._next_at_s:
                context = multiprocessing.get_context("spawn")
                self._process = context.Process(target=_open_both, args=(self._site,), daemon=True)
                self._process.start()
                self._next_at_s = now_s + PROBE_LIMIT_S
            return False
        if self._process.is_alive():
            if now_s >= self._next_at_s:
                self._process.kill()
            return False
        opened = self._process.exitcode == 0
        self._process = None
        self._next_at_s = now_s + PROBE_EVERY_S
        return opened


def _open_both(site: Site) -> None:
    """Body of the probe: ends with exit code 0 if both devices open."""
    clock = SystemClock()
    try:
        PortAudioSpeaker(site.audio.output or None, clock).open()
        PortAudioMicrophone(site.audio.input or None, clock).open()
    except KioskError:
        raise SystemExit(1) from None

"""What the window process tells a new engine process: one immutable, picklable object."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kiosk.messages import Shape


class AudioMode(StrEnum):
    """Where sound comes from and goes to."""

    DEVICES = "devices"  # PortAudio
    VIRTUAL = "virtual"  # recordings in, a WAV file out: no sound server on this machine


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Attributes:
    persona_path: persona.toml.
    site_path: site.toml; None for the platform's place.
    audio: Real devices or a virtual room inside the process.
    sound_out: With VIRTUAL: WAV file that gets what a visitor would have heard.
    sound_from_s: Monotonic time of the first sample in that file.
    threads: Processor threads for each model.
    shape: Of the window: which of the persona's idle loops it shows.
    """

    persona_path: Path
    site_path: Path | None = None
    audio: AudioMode = AudioMode.DEVICES
    sound_out: Path | None = None
    sound_from_s: float = 0.0
    threads: int = 2
    shape: Shape = Shape.WIDE

"""PortAudio through sounddevice: loading it, choosing devices, naming its faults, closing safely.

sounddevice loads the PortAudio library when it is imported, so it is imported on first use: a
machine without the library gets one clear message instead of a traceback at start.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any, Protocol

from kiosk.errors import AudioFault, DeviceMissing

CLOSE_TIMEOUT_S = 2.0
"""A hung sound server blocks PortAudio's close for more than 8 s; nobody waits that long."""

PULSE_QUERY_TIMEOUT_S = 1.0

_SOUND_SERVER_DEVICES = ("pulse", "default", "pipewire")
"""PortAudio's names for "whatever the sound server has as its default"."""


class Stream(Protocol):
    """The part of a sounddevice stream that is used here."""

    latency: float
    samplerate: float
    active: bool

    def start(self) -> None: ...
    def abort(self) -> None: ...
    def close(self) -> None: ...


def sounddevice() -> ModuleType:
    """The sounddevice module. Raises ``DeviceMissing`` if PortAudio cannot be loaded."""
    try:
        import sounddevice as module
    except OSError as error:
        raise DeviceMissing(
            f"the PortAudio library cannot be loaded ({error}).",
            where="sound",
            remedy="Install it (Debian: apt install libportaudio2).",
        ) from error
    loaded: ModuleType = module
    return loaded


def reinitialise() -> None:
    """Make PortAudio look for devices again.

    It freezes its list of devices when it starts. Every open stream of the process stops, so both
    microphone and speaker must be closed before and opened after.
    """
    module = sounddevice()
    with portaudio_faults("sound system"):
        module._terminate()
        module._initialize()


@contextmanager
def portaudio_faults(where: str) -> Iterator[None]:
    """Turn PortAudio's and sounddevice's exceptions into ``AudioFault``."""
    module = sounddevice()
    try:
        yield
    except (module.PortAudioError, ValueError) as error:
        raise AudioFault(
            f"the device cannot be used ({error}).",
            where=where,
            remedy="Check its plug and the sound settings, or name another in site.toml.",
        ) from error


def is_monitor(name: str) -> bool:
    """True if a source with this name is the echo of a loudspeaker."""
    lowered = name.lower()
    return lowered.endswith(".monitor") or lowered.startswith("monitor of")


def choose_device(module: ModuleType, wanted: str | None, kind: str) -> dict[str, Any]:
    """Pick a device.

    Args:
        module: The sounddevice module.
        wanted: Part of a device's name; None or "" for the system's default.
        kind: "input" or "output".

    Returns:
        PortAudio's record of the device, with its ``index``.

    Raises:
        DeviceMissing: There is no such device.
    """
    channels = f"max_{kind}_channels"
    usable = [
        device
        for device in module.query_devices()
        if device[channels] > 0 and not (kind == "input" and is_monitor(device["name"]))
    ]
    label = "microphone" if kind == "input" else "loudspeaker"
    if not usable:
        raise DeviceMissing(
            f"there is no {label}.",
            where="sound",
            remedy=f"Plug in a {label} and see that the sound server runs.",
        )
    if wanted:
        for device in usable:
            if wanted.lower() in device["name"].lower():
                return dict(device)
        names = ", ".join(sorted(device["name"] for device in usable))
        raise DeviceMissing(
            f'there is no {label} named "{wanted}".',
            where="site.toml",
            remedy=f"Name one of these: {names}.",
        )
    default_index = module.default.device[0 if kind == "input" else 1]
    for device in usable:
        if device["index"] == default_index:
            return dict(device)
    return dict(usable[0])


def is_sound_server(device_name: str) -> bool:
    """True if the device stands for the sound server's own default."""
    return device_name.lower() in _SOUND_SERVER_DEVICES


def pulse_default_source() -> str | None:
    """Name of the sound server's default source; None if there is no server to ask.

    PortAudio does not say when the server moves a stream to another source, so this is the only
    sign that a microphone was unplugged while another source, perhaps a monitor, remains.
    """
    if shutil.which("pactl") is None:
        return None
    try:
        answer = subprocess.run(
            ["pactl", "get-default-source"],
            capture_output=True,
            text=True,
            timeout=PULSE_QUERY_TIMEOUT_S,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return answer.stdout.strip() or None


def close_stream(stream: Stream, *, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
    """Abort and close a stream without ever hanging the caller.

    Raises:
        AudioFault: It did not close in time. The thread that waits for it is left behind as a
            daemon; the process should be replaced.
    """
    refusal = sounddevice().PortAudioError

    def shut() -> None:
        # A stream whose device is gone cannot be stopped in order; it is closed all the same.
        with suppress(refusal):
            stream.abort()
        with suppress(refusal):
            stream.close()

    run_with_timeout(shut, timeout_s=timeout_s, where="sound system")


def start_stream(stream: Stream) -> None:
    """Start a stream; one that refuses is closed, so that its device is free again."""
    try:
        stream.start()
    except sounddevice().PortAudioError:
        close_stream(stream)
        raise


def run_with_timeout(work: Callable[[], None], *, timeout_s: float, where: str) -> None:
    """Run a call that may never return; ``AudioFault`` if it takes longer than ``timeout_s``."""
    thread = threading.Thread(target=work, name="audio-call", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        raise AudioFault(
            "the sound system does not answer.",
            where=where,
            remedy="The kiosk restarts its engine by itself; if it goes on, restart the machine.",
        )

"""What sound devices there are, for `kiosk doctor`."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.audio.portaudio import is_monitor, portaudio_faults, sounddevice


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """One device as PortAudio sees it.

    Attributes:
        name: Name, part of which names the device in site.toml.
        host_api: ALSA, JACK, ...
        inputs: Channels it captures; 0 for a loudspeaker.
        outputs: Channels it plays; 0 for a microphone.
        sample_rate_hz: Its default rate.
        default_input: True if it is the system's microphone.
        default_output: True if it is the system's loudspeaker.
        monitor: True if it is the echo of a loudspeaker, which the kiosk never listens to.
    """

    name: str
    host_api: str
    inputs: int
    outputs: int
    sample_rate_hz: int
    default_input: bool
    default_output: bool
    monitor: bool


def list_devices() -> tuple[SoundDevice, ...]:
    """All devices; empty if there are none.

    Raises:
        DeviceMissing: PortAudio is not installed.
        AudioFault: PortAudio cannot list them.
    """
    module = sounddevice()
    with portaudio_faults("sound system"):
        host_apis = [api["name"] for api in module.query_hostapis()]
        default_input, default_output = module.default.device
        return tuple(
            SoundDevice(
                name=device["name"],
                host_api=host_apis[device["hostapi"]],
                inputs=device["max_input_channels"],
                outputs=device["max_output_channels"],
                sample_rate_hz=round(device["default_samplerate"]),
                default_input=device["index"] == default_input,
                default_output=device["index"] == default_output,
                monitor=is_monitor(device["name"]),
            )
            for device in module.query_devices()
        )

"""Microphone and loudspeaker on a fake sounddevice: choice of device, rates, faults, health."""

from __future__ import annotations

import builtins
import sys
import threading
from collections.abc import Callable

import numpy as np
import pytest

from kiosk.audio import portaudio
from kiosk.audio.block_clock import BlockClock, reported_latency_s
from kiosk.audio.blocks import BLOCK_SAMPLES
from kiosk.audio.devices import list_devices
from kiosk.audio.microphone import FIRST_BLOCK_S, QUEUE_BLOCKS, PortAudioMicrophone
from kiosk.audio.speaker import PortAudioSpeaker
from kiosk.errors import AudioFault, DeviceMissing
from tests.audio.fakes import FakeClock, FakeSoundDevice, device, sine

Install = Callable[..., FakeSoundDevice]
BOTH = [device("HDA Intel", inputs=1, outputs=2), device("USB Mic", inputs=1)]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a fake module in the place of sounddevice, and no sound server behind it."""

    def put(*devices: dict, **options) -> FakeSoundDevice:
        module = FakeSoundDevice([dict(record) for record in devices], **options)
        monkeypatch.setitem(sys.modules, "sounddevice", module)
        monkeypatch.setattr("kiosk.audio.microphone.pulse_default_source", lambda: None)
        return module

    return put


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def column(samples: np.ndarray) -> np.ndarray:
    return samples[:, np.newaxis]


# --- loading and choosing -----------------------------------------------------------------------


def test_a_machine_without_portaudio_gets_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def fail(name: str, *rest, **more):
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(builtins, "__import__", fail)
    for attempt in (list_devices, PortAudioSpeaker(None, FakeClock()).open, portaudio.reinitialise):
        with pytest.raises(DeviceMissing, match="apt install libportaudio2"):
            attempt()


def test_no_devices_is_one_clear_message(install: Install, clock: FakeClock) -> None:
    install()
    with pytest.raises(DeviceMissing, match="no microphone"):
        PortAudioMicrophone(None, clock).open()
    with pytest.raises(DeviceMissing, match="no loudspeaker"):
        PortAudioSpeaker(None, clock).open()
    assert list_devices() == ()


def test_part_of_a_name_chooses_a_device(install: Install, clock: FakeClock) -> None:
    module = install(*BOTH)
    PortAudioMicrophone("usb", clock).open()
    assert module.streams[-1].options["device"] == 1
    with pytest.raises(DeviceMissing, match=r'named "Jabra".*HDA Intel, USB Mic'):
        PortAudioMicrophone("Jabra", clock).open()


@pytest.mark.parametrize("name", ["alsa_output.pci.monitor", "Monitor of Built-in Audio"])
def test_never_listens_to_the_loudspeaker(install: Install, clock: FakeClock, name: str) -> None:
    module = install(device(name, inputs=2), device("USB Mic", inputs=1))
    PortAudioMicrophone(None, clock).open()
    assert module.streams[-1].options["device"] == 1
    install(device(name, inputs=2))
    with pytest.raises(DeviceMissing, match="no microphone"):
        PortAudioMicrophone(None, clock).open()


def test_a_sound_server_with_only_a_monitor_is_no_microphone(
    install: Install, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(device("default", inputs=32, outputs=32))
    monkeypatch.setattr("kiosk.audio.microphone.pulse_default_source", lambda: "speaker.monitor")
    with pytest.raises(DeviceMissing, match="only the echo of the loudspeaker"):
        PortAudioMicrophone(None, clock).open()


def test_a_refusing_device_is_an_audio_fault(install: Install, clock: FakeClock) -> None:
    install(*BOTH, broken=True)
    with pytest.raises(AudioFault, match="Device unavailable"):
        PortAudioSpeaker(None, clock).open()
    with pytest.raises(AudioFault, match="Device unavailable"):
        PortAudioMicrophone(None, clock).open()


def test_doctor_sees_every_device(install: Install) -> None:
    install(*BOTH, device("Monitor of HDA", inputs=2))
    first, usb, echo = list_devices()
    assert (first.name, first.host_api, first.inputs, first.outputs) == ("HDA Intel", "ALSA", 1, 2)
    assert first.default_input
    assert first.default_output
    assert not usb.default_input
    assert echo.monitor


def test_reinitialise_looks_for_devices_again(install: Install) -> None:
    module = install(*BOTH)
    portaudio.reinitialise()
    assert module.restarts == 1


def test_a_hanging_close_does_not_hang_the_caller(install: Install) -> None:
    install(*BOTH)
    release = threading.Event()

    class HungStream:
        latency, samplerate, active = 0.0, 16_000.0, True

        def start(self) -> None: ...

        def abort(self) -> None:
            release.wait(30.0)

        def close(self) -> None: ...

    try:
        with pytest.raises(AudioFault, match="does not answer"):
            portaudio.close_stream(HungStream(), timeout_s=0.05)
    finally:
        release.set()
        for thread in threading.enumerate():
            if thread.name == "audio-call":
                thread.join(5.0)


# --- microphone ---------------------------------------------------------------------------------


def test_microphone_gives_20_ms_blocks_with_capture_times(
    install: Install, clock: FakeClock
) -> None:
    module = install(*BOTH)
    microphone = PortAudioMicrophone(None, clock)
    microphone.open()
    stream = module.streams[-1]
    assert (stream.options["samplerate"], stream.options["blocksize"]) == (16_000, BLOCK_SAMPLES)
    tone = sine(0.06)
    for at in range(0, len(tone), BLOCK_SAMPLES):
        clock.sleep_s(0.02)
        stream.push(column(tone[at : at + BLOCK_SAMPLES]), delay_s=0.03)
    got = [microphone.read(0.0) for _ in range(3)]
    np.testing.assert_array_equal(np.concatenate([block.samples for block in got]), tone)
    assert got[0].captured_at_s == pytest.approx(1000.02 - 0.03)
    assert got[2].captured_at_s == pytest.approx(got[0].captured_at_s + 0.04)
    assert microphone.read(0.0) is None
    assert microphone.blocks_captured == 3
    microphone.close()
    microphone.close()
    assert stream.closed


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_a_device_without_16_khz_is_converted(
    install: Install, clock: FakeClock, rate_hz: int
) -> None:
    module = install(device("Old", inputs=1, rate_hz=rate_hz), refused={(16_000, 1), (16_000, 2)})
    microphone = PortAudioMicrophone(None, clock)
    microphone.open()
    stream = module.streams[-1]
    assert stream.options["samplerate"] == rate_hz
    tone = sine(1.0, hz=500, rate_hz=rate_hz)
    size = stream.options["blocksize"]
    heard = []
    for at in range(0, len(tone), size):
        clock.sleep_s(0.02)
        stream.push(column(tone[at : at + size]), delay_s=0.02)
        block = microphone.read(0.0)
        while block is not None:
            heard.append(block)
            block = microphone.read(0.0)
    samples = np.concatenate([block.samples for block in heard])
    assert len(samples) > 0.9 * 16_000
    assert np.argmax(np.abs(np.fft.rfft(samples))) * 16_000 / len(samples) == pytest.approx(500, 5)
    assert heard[0].captured_at_s == pytest.approx(1000.0, abs=0.004), "the delay is accounted for"


def test_a_stereo_microphone_is_mixed_down(install: Install, clock: FakeClock) -> None:
    module = install(device("Stereo", inputs=2), refused={(16_000, 1), (48_000, 1)})
    microphone = PortAudioMicrophone(None, clock)
    microphone.open()
    module.streams[-1].push(np.tile(np.array([[32_767, 32_767]], np.int16), (BLOCK_SAMPLES, 1)))
    assert (microphone.read(0.0).samples == 32_767).all()


def test_an_unread_microphone_drops_the_oldest(install: Install, clock: FakeClock) -> None:
    module = install(*BOTH)
    microphone = PortAudioMicrophone(None, clock)
    microphone.open()
    for number in range(QUEUE_BLOCKS + 5):
        clock.sleep_s(0.02)
        module.streams[-1].push(np.full((BLOCK_SAMPLES, 1), number, np.int16))
    assert microphone.overruns == 5
    assert microphone.read(0.0).samples[0] == 5


def test_a_silent_stream_is_unhealthy(install: Install, clock: FakeClock) -> None:
    module = install(*BOTH)
    microphone = PortAudioMicrophone(None, clock)
    assert not microphone.healthy(clock.now_s()), "not open"
    microphone.open()
    assert microphone.healthy(clock.now_s() + FIRST_BLOCK_S - 0.1), "the first block may be slow"
    assert not microphone.healthy(clock.now_s() + FIRST_BLOCK_S)
    module.streams[-1].push(column(sine(0.02)))
    assert microphone.healthy(clock.now_s() + 0.9)
    assert not microphone.healthy(clock.now_s() + 1.0)


def test_zeros_are_unhealthy_only_if_the_source_changed(
    install: Install, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = install(device("pulse", inputs=32, outputs=32))
    source = ["usb_mic"]
    monkeypatch.setattr("kiosk.audio.microphone.pulse_default_source", lambda: source[0])
    microphone = PortAudioMicrophone(None, clock)
    microphone.open()
    verdicts = []
    for number in range(500):
        clock.sleep_s(0.02)
        module.streams[-1].push(np.zeros((BLOCK_SAMPLES, 1), np.int16))
        if number == 300:
            source[0] = "speaker.monitor"
        verdicts.append(microphone.healthy(clock.now_s()))
    assert all(verdicts[:300]), "a muted microphone stays in use"
    assert not all(verdicts[300:])


# --- loudspeaker --------------------------------------------------------------------------------


def test_speaker_plays_mono_on_every_channel(install: Install, clock: FakeClock) -> None:
    module = install(device("HDMI", outputs=2, rate_hz=48_000.0), refused={(48_000, 1)})
    speaker = PortAudioSpeaker(None, clock)
    speaker.open()
    stream = module.streams[-1]
    assert stream.options["channels"] == 2
    assert not stream.pull(480).any(), "silent when idle"
    speaker.begin(3, 48_000)
    speaker.write(np.full(4800, 16_384, np.int16))
    out = stream.pull(480)
    np.testing.assert_allclose(out, 0.5)
    assert speaker.sample_rate_hz == 48_000
    assert speaker.blocks_played == 2
    speaker.close()
    speaker.close()
    assert stream.closed


def test_speaker_position_and_expected_start(install: Install, clock: FakeClock) -> None:
    module = install(*BOTH)
    speaker = PortAudioSpeaker(None, clock)
    speaker.open()
    stream = module.streams[-1]
    for _ in range(10):
        stream.pull(480, delay_s=0.05)
        clock.sleep_s(0.01)
    speaker.begin(3, 48_000)
    start_s = speaker.expected_start_s()
    assert start_s == pytest.approx(clock.now_s() + 0.05, abs=1e-6)
    speaker.write(np.full(48_000, 100, np.int16))
    for _ in range(10):
        stream.pull(480, delay_s=0.05)
        clock.sleep_s(0.01)
    position = speaker.position()
    assert position.utterance_id == 3
    assert position.heard_at_s == clock.now_s()
    assert position.heard_s == pytest.approx(clock.now_s() - start_s, abs=1e-6)
    assert speaker.stop() == pytest.approx(0.1)
    assert not stream.pull(480)[240:].any()
    clock.sleep_s(1.0)
    assert speaker.done()


def test_speaker_health(install: Install, clock: FakeClock) -> None:
    module = install(*BOTH)
    speaker = PortAudioSpeaker(None, clock)
    assert not speaker.healthy(clock.now_s())
    speaker.open()
    module.streams[-1].pull(480)
    assert speaker.healthy(clock.now_s() + 0.9)
    assert not speaker.healthy(clock.now_s() + 1.0)


def test_a_closed_speaker_says_so(clock: FakeClock) -> None:
    with pytest.raises(AudioFault, match="not open"):
        PortAudioSpeaker(None, clock).begin(1, 16_000)


# --- times --------------------------------------------------------------------------------------


def test_bursts_are_smoothed() -> None:
    """Two blocks every 20 ms, always reported with the same latency: the true rate is even."""
    block_clock = BlockClock(48_000)
    stamps = [block_clock.stamp(0.02 * (n // 2) + 0.05, 480) for n in range(400)]
    assert np.ptp(np.diff(stamps)[100:]) < 0.002
    assert stamps[-1] == pytest.approx(0.01 * 399 + 0.05, abs=0.01)


def test_a_held_up_stream_is_followed_at_once() -> None:
    block_clock = BlockClock(48_000)
    block_clock.stamp(1.0, 480)
    assert block_clock.stamp(2.0, 480) == 2.0


@pytest.mark.parametrize("nonsense", [0.0, -3.0, 1e6])
def test_nonsense_latency_falls_back(nonsense: float) -> None:
    assert reported_latency_s(nonsense, 0.04) == 0.04
    assert reported_latency_s(0.07, 0.04) == 0.07

"""The devices that are none: they keep the protocols' promises on any clock."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.audio import Microphone, ScriptedMicrophone, Speaker, VirtualSpeaker
from kiosk.audio.blocks import BLOCK_S, BLOCK_SAMPLES
from tests.audio.fakes import FakeClock, sine


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def microphone(clock: FakeClock) -> ScriptedMicrophone:
    device: Microphone = ScriptedMicrophone(clock)
    device.open()
    assert isinstance(device, ScriptedMicrophone)
    return device


@pytest.fixture
def speaker(clock: FakeClock) -> VirtualSpeaker:
    device: Speaker = VirtualSpeaker(clock, latency_s=0.05)
    device.open()
    assert isinstance(device, VirtualSpeaker)
    return device


def test_microphone_blocks_follow_the_clock(
    microphone: ScriptedMicrophone, clock: FakeClock
) -> None:
    block = microphone.read(1.0)
    assert clock.now_s() == pytest.approx(1000.02), "reading waits for the block to be complete"
    assert block.captured_at_s == 1000.0
    assert not block.samples.any()
    assert microphone.read(0.005) is None, "not yet complete"
    assert microphone.blocks_captured == 1


def test_microphone_hears_what_is_said_at_its_time(microphone: ScriptedMicrophone) -> None:
    tone = sine(0.1)
    ends_at_s = microphone.say(tone, 1000.13)
    assert ends_at_s == pytest.approx(1000.23)
    heard = np.concatenate([microphone.read(1.0).samples for _ in range(20)])
    start = round(0.13 * 16_000)
    assert not heard[:start].any()
    np.testing.assert_array_equal(heard[start : start + len(tone)], tone)
    assert not heard[start + len(tone) :].any()


def test_two_voices_add_up_and_do_not_wrap(microphone: ScriptedMicrophone) -> None:
    loud = np.full(BLOCK_SAMPLES, 30_000, np.int16)
    microphone.say(loud, 1000.0)
    microphone.say(loud, 1000.0)
    assert (microphone.read(1.0).samples == 32_767).all()


def test_unread_sound_is_dropped_and_counted(
    microphone: ScriptedMicrophone, clock: FakeClock
) -> None:
    clock.sleep_s(5.0)
    block = microphone.read(0.0)
    assert microphone.overruns == pytest.approx(3.0 / BLOCK_S, abs=1)
    assert block.captured_at_s == pytest.approx(1003.0, abs=BLOCK_S)


def test_a_closed_microphone_gives_nothing(microphone: ScriptedMicrophone) -> None:
    microphone.close()
    assert microphone.read(1.0) is None
    assert not microphone.healthy(0.0)


def test_speaker_plays_on_the_clock_and_records(speaker: VirtualSpeaker, clock: FakeClock) -> None:
    tone = sine(0.5)
    clock.sleep_s(3.0)
    speaker.begin(1, 16_000)
    start_s = speaker.expected_start_s()
    assert start_s == pytest.approx(1003.05)
    speaker.write(tone)
    speaker.finish()
    clock.sleep_s(0.25)
    assert speaker.position().heard_s == pytest.approx(0.2, abs=0.011)
    assert not speaker.done()
    clock.sleep_s(0.35)
    assert speaker.done()
    assert speaker.position().heard_s == pytest.approx(0.5)
    heard = speaker.recording(start_s - 0.1, start_s + 0.6)
    assert len(heard) == round(0.7 * 16_000)
    np.testing.assert_allclose(heard[1600 : 1600 + len(tone)], tone, atol=1)
    assert not heard[:1600].any()


def test_speaker_stop_reports_what_was_heard(speaker: VirtualSpeaker, clock: FakeClock) -> None:
    speaker.begin(1, 16_000)
    speaker.write(sine(2.0))
    clock.sleep_s(0.5)
    heard_s = speaker.stop()
    assert heard_s == pytest.approx(0.5, abs=0.011)
    clock.sleep_s(1.0)
    late = speaker.recording(1000.05 + heard_s + 0.01, 1002.0)
    assert not late.any()
    assert speaker.done()


def test_a_long_pause_costs_nothing(speaker: VirtualSpeaker, clock: FakeClock) -> None:
    clock.sleep_s(86_400.0)
    speaker.begin(1, 24_000)
    assert speaker.blocks_played == pytest.approx(8_640_000, abs=1)
    assert speaker.recording(clock.now_s(), clock.now_s() + 1.0).shape == (16_000,)


def test_a_late_writer_leaves_a_gap_and_the_position_waits(
    speaker: VirtualSpeaker, clock: FakeClock
) -> None:
    speaker.begin(1, 16_000)
    speaker.write(sine(0.1))
    clock.sleep_s(1.0)
    assert speaker.position().heard_s == pytest.approx(0.1)
    speaker.write(sine(0.1))
    speaker.finish()
    clock.sleep_s(0.1)
    assert speaker.position().heard_s == pytest.approx(0.15, abs=0.011)

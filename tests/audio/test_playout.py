"""The bookkeeping of the loudspeaker, on invented time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.audio.playout import FADE_S, MAX_QUEUED_S, Playout
from kiosk.errors import AudioFault
from tests.audio.fakes import sine

RATE_HZ = 16_000
BLOCK = 160


class Device:
    """Takes a block every 10 ms, which is heard ``latency_s`` later."""

    def __init__(self, playout: Playout, latency_s: float = 0.05) -> None:
        self.playout = playout
        self.latency_s = latency_s
        self.now_s = 0.0
        self.out: list[np.ndarray] = []

    def run(self, blocks: int) -> np.ndarray:
        for _ in range(blocks):
            block = np.full(BLOCK, 9.0, np.float32)
            self.playout.render(block, self.now_s + self.latency_s)
            self.out.append(block)
            self.now_s += BLOCK / RATE_HZ
        return np.concatenate(self.out[-blocks:])


@pytest.fixture
def playout() -> Playout:
    return Playout(RATE_HZ)


def test_idle_is_exact_silence_and_has_no_position(playout: Playout) -> None:
    device = Device(playout)
    assert not device.run(5).any()
    assert playout.position(1.0) is None
    assert playout.done(1.0)


def test_plays_what_was_written(playout: Playout) -> None:
    device = Device(playout)
    tone = sine(0.1)
    playout.begin(1, RATE_HZ)
    playout.write(tone)
    playout.finish()
    heard = device.run(20)
    np.testing.assert_allclose(heard[: len(tone)], tone / 32768.0, atol=1e-6)
    assert not heard[len(tone) :].any()


def test_position_waits_for_the_latency_then_follows_the_clock(playout: Playout) -> None:
    device = Device(playout, latency_s=0.05)
    playout.begin(4, RATE_HZ)
    playout.write(sine(1.0))
    device.run(10)  # Given to the device: 0..0.1 s, heard from 0.05 to 0.15 s.
    assert playout.position(0.04).heard_s == 0.0
    assert playout.position(0.10).heard_s == pytest.approx(0.05)
    assert playout.position(0.10).utterance_id == 4
    assert playout.position(9.0).heard_s == pytest.approx(0.1), "no further than was given"


def test_position_stands_still_while_the_writer_is_late(playout: Playout) -> None:
    device = Device(playout, latency_s=0.0)
    playout.begin(1, RATE_HZ)
    playout.write(sine(0.1))
    assert device.run(20)[BLOCK * 10 :].any() == False  # noqa: E712 - numpy's bool
    assert playout.underruns > 0
    assert playout.position(device.now_s).heard_s == pytest.approx(0.1)
    assert not playout.done(device.now_s)
    playout.write(sine(0.1))
    playout.finish()
    device.run(5)
    assert playout.position(device.now_s).heard_s == pytest.approx(0.15)
    device.run(5)
    assert playout.done(device.now_s)
    assert playout.position(device.now_s).heard_s == pytest.approx(0.2)


def test_stop_is_silent_within_a_block_without_a_click(playout: Playout) -> None:
    device = Device(playout)
    playout.begin(1, RATE_HZ)
    playout.write(sine(1.0, hz=300, peak=20_000))
    before = device.run(10)
    heard_s = playout.stop()
    after = device.run(5)
    assert heard_s == pytest.approx(0.1)
    assert after[: round(FADE_S * RATE_HZ)].any()
    assert not after[round(FADE_S * RATE_HZ) :].any()
    steps = np.abs(np.diff(np.concatenate((before[-BLOCK:], after))))
    normal = np.abs(np.diff(before)).max()
    assert steps.max() <= normal * 1.1, "no jump beyond the tone's own slope"
    playout.write(sine(1.0))
    playout.finish()
    assert not device.run(5).any(), "what is written after the stop is not heard"
    assert playout.stop() == heard_s, "stopping again changes nothing"


def test_stop_before_anything_sounded_says_nothing_was_heard(playout: Playout) -> None:
    playout.begin(1, RATE_HZ)
    playout.write(sine(1.0))
    assert playout.stop() == 0.0
    assert not Device(playout).run(5).any()
    assert playout.done(0.0)


def test_done_only_after_the_last_sample_was_heard(playout: Playout) -> None:
    device = Device(playout, latency_s=0.5)
    playout.begin(1, RATE_HZ)
    playout.write(sine(0.1))
    playout.finish()
    device.run(11)
    assert not playout.done(0.55)
    assert playout.done(0.61)


def test_beginning_again_replaces_the_utterance(playout: Playout) -> None:
    device = Device(playout, latency_s=0.0)
    playout.begin(1, RATE_HZ)
    playout.write(sine(1.0))
    device.run(10)
    playout.begin(2, RATE_HZ)
    assert playout.position(device.now_s).utterance_id == 2
    assert playout.position(device.now_s).heard_s == 0.0
    playout.write(sine(0.1))
    playout.finish()
    device.run(12)
    assert playout.position(device.now_s).heard_s == pytest.approx(0.1)


def test_a_late_write_to_the_former_utterance_is_dropped(playout: Playout) -> None:
    """The race: resampling of utterance 1 ends after utterance 2 has begun."""

    class SlowResampler:
        def resample_chunk(self, samples: np.ndarray, *, last: bool) -> np.ndarray:
            del last
            playout.begin(2, RATE_HZ)
            return samples

    playout.begin(1, RATE_HZ)
    playout._resampler = SlowResampler()
    playout.write(sine(0.1))
    assert playout.queued_s() == 0.0


@pytest.mark.parametrize("utterance_rate_hz", [8_000, 22_050, 24_000, 48_000])
def test_any_rate_keeps_pitch_and_length(utterance_rate_hz: int) -> None:
    playout = Playout(44_100)
    playout.begin(1, utterance_rate_hz)
    tone = sine(1.0, hz=500, rate_hz=utterance_rate_hz)
    for at in range(0, len(tone), 1000):
        playout.write(tone[at : at + 1000])
    playout.finish()
    out = np.zeros(2 * 44_100, np.float32)
    count = playout.render(out, 0.0)
    assert count == pytest.approx(44_100, abs=50)
    spectrum = np.abs(np.fft.rfft(out[:44_100]))
    assert np.argmax(spectrum) == pytest.approx(500, abs=2)


def test_too_much_waiting_is_refused(playout: Playout) -> None:
    playout.begin(1, RATE_HZ)
    minute = np.zeros(60 * RATE_HZ, np.int16)
    for _ in range(round(MAX_QUEUED_S) // 60):
        playout.write(minute)
    with pytest.raises(AudioFault, match="waiting to be played"):
        playout.write(minute)


def test_volume_ramps_and_stays(playout: Playout) -> None:
    device = Device(playout)
    playout.begin(1, RATE_HZ)
    playout.write(np.full(RATE_HZ, 16_384, np.int16))
    device.run(1)
    playout.set_volume(0.5)
    heard = device.run(20)
    assert np.abs(np.diff(heard)).max() < 0.01, "no click"
    assert heard[-1] == pytest.approx(0.25)
    playout.set_volume(7.0)
    assert device.run(20)[-1] == pytest.approx(0.5), "the gain is limited to 1"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("write"), st.integers(0, 800)),
            st.tuples(st.just("run"), st.integers(1, 12)),
            st.tuples(st.just("look"), st.floats(-0.2, 0.2)),
        ),
        max_size=40,
    ),
    st.floats(0.0, 0.2),
)
def test_position_never_runs_back_nor_exceeds_what_was_written(steps, latency_s) -> None:
    playout = Playout(RATE_HZ)
    device = Device(playout, latency_s)
    playout.begin(1, RATE_HZ)
    written, last_s = 0, 0.0
    for step, amount in steps:
        if step == "write":
            playout.write(np.ones(amount, np.int16))
            written += amount
        elif step == "run":
            device.run(amount)
        position = playout.position(device.now_s + (amount if step == "look" else 0.0))
        assert last_s <= position.heard_s <= written / RATE_HZ + 1e-9
        last_s = position.heard_s

"""A visitor comes, asks aloud, is answered, and leaves: everything real but the people."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soxr

from kiosk.asr import VoskRecogniser
from kiosk.audio import SAMPLE_RATE_HZ
from tests.e2e.house import House
from tests.e2e.measure import (
    GRID_HZ,
    lag_s,
    loudness,
    mouth_openness,
    on_grid,
    speech_span_s,
    without_drift,
)

OpenHouse = Callable[..., House]
RECORDING_HZ = 24_000
MOUTH = (382, 404, 98, 76)
"""Left, top, width, height of the mouth on a screen of 1280x720, pixels."""

ANSWER_LIMIT_S = 40.0
MOST_OFFSET_S = 0.040


def words(text: str) -> set[str]:
    return {word.strip(".,?!'").lower() for word in text.split() if len(word) > 3}


def test_a_visit_from_the_button_to_the_loudspeaker(
    open_house: OpenHouse, built_cache: Path
) -> None:
    house = open_house()
    with house.recorder() as recorder:
        rest = mouth_openness(house.look(2.0, MOUTH))
        watching = house.watch(22.0, MOUTH)
        house.ask("tell me about the ichthyosaur")
        house.wait(house.answers, ANSWER_LIMIT_S, "an answer")
        time.sleep(1.0)
        look = watching.result()
        sound, sound_from_s = recorder.samples, recorder.started_at_s

    answer = house.answers()[0]
    assert "ichthyosaur" in answer["heard"]
    assert answer["answer"]["id"] == "ichthyosaur"
    assert answer["answer"]["source"] == "prepared"

    # What came out of the loudspeaker is that answer: hear it again with the kiosk's own ear.
    model = next(built_cache.glob("vosk-*"))
    session = VoskRecogniser(model).session()
    session.feed(soxr.resample(sound, RECORDING_HZ, SAMPLE_RATE_HZ))
    heard_again = words(session.finish().text)
    said = words(answer["answer"]["text"])
    assert len(said & heard_again) >= 0.5 * len(said), (said, heard_again)

    # The mouth moved while it spoke and rested while it did not.
    first_s, last_s = (sound_from_s + at for at in speech_span_s(sound, RECORDING_HZ))
    at_s, open_ = np.array(look.at_s), mouth_openness(look)
    speaking = open_[(at_s > first_s + 0.2) & (at_s < last_s - 0.2)]
    before = open_[at_s < first_s - 0.1]
    assert speaking.std() > 4 * rest.std()
    assert before.max() < rest.mean() + 0.25 * (np.percentile(speaking, 95) - rest.mean())

    # Sound and lips run together.
    grid_s = np.arange(first_s, min(last_s, at_s[-1]), 1 / GRID_HZ)
    lips = on_grid(at_s, open_, grid_s)
    start = round((first_s - sound_from_s) * GRID_HZ)
    voice = loudness(sound, RECORDING_HZ)[start : start + len(lips)]
    offset_s, correlation = lag_s(without_drift(voice), without_drift(lips[: len(voice)]))
    print(f"lips behind the sound by {1e3 * offset_s:.0f} ms, correlation {correlation:.2f}")
    assert correlation > 0.3
    assert abs(offset_s) <= MOST_OFFSET_S


def test_nothing_is_kept_unless_the_operator_says_so(open_house: OpenHouse) -> None:
    house = open_house(keep_transcripts=False)
    with house.recorder() as recorder:
        house.ask("when were you born")
        time.sleep(6.0)
        speech_span_s(recorder.samples, RECORDING_HZ)  # it did answer
    secret = ("born", "1799", "lyme regis")
    for path in house.home.rglob("*"):
        if path.is_file() and "cache" not in path.parts:
            text = path.read_bytes().lower()
            assert not any(word.encode() in text for word in secret), path
    assert not list(house.home.rglob("*.wav"))


def test_pressing_again_interrupts(open_house: OpenHouse) -> None:
    house = open_house()
    with house.recorder() as recorder:
        house.ask("tell me about the ichthyosaur")
        time.sleep(2.5)
        house.press()
        time.sleep(0.3)
        pressed_s = time.monotonic()
        time.sleep(1.0)
        sound = recorder.samples[round((pressed_s - recorder.started_at_s) * RECORDING_HZ) :]
        house.release()
    assert np.abs(sound.astype(np.int32)).max() < 300, "it went on speaking"


def test_a_tapped_button_says_what_to_do_and_serves_the_next_question(
    open_house: OpenHouse,
) -> None:
    house = open_house()
    house.press()
    house.release()
    time.sleep(1.0)
    house.ask("did you have a dog")
    house.wait(house.answers, ANSWER_LIMIT_S, "an answer")
    assert house.answers()[0]["answer"]["id"] == "tray"

"""Piper voices for real: those that ship, a humming one in the official form, and broken ones."""

from __future__ import annotations

import json
import logging
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import piper.phonemize_espeak as piper_espeak
import pytest

from kiosk.errors import Cancelled, ModelBroken, ModelMissing
from kiosk.paths import builtin_models_dir
from kiosk.persona.assets import BUILTIN_LIPS
from kiosk.timing import CancelToken
from kiosk.tts import PiperVoiceEngine, SpeechChunk, split_chunks
from scripts.make_test_voice import SAMPLE_RATE_HZ, make_test_voice

ANSWER = (
    "When I was eleven, my brother Joseph found the skull of it in the cliff at Lyme Regis. "
    "In 1811 it was “a crocodile”, of the town's making... and Dr. Buckland came!"
)


def check(chunk: SpeechChunk) -> None:
    """What every chunk promises."""
    assert chunk.samples.dtype == np.int16
    assert [word.word for word in chunk.words] == chunk.text.split()
    for timings in (chunk.words, chunk.phonemes):
        edges = [edge for _, start_s, end_s in timings for edge in (start_s, end_s)]
        assert edges == sorted(edges)
        assert edges[0] >= 0.0
        assert edges[-1] <= chunk.duration_s + 1e-6


def loud_share(chunk: SpeechChunk, start_s: float, end_s: float) -> float:
    part = chunk.samples[
        round(start_s * chunk.sample_rate_hz) : round(end_s * chunk.sample_rate_hz)
    ]
    return float(np.mean(np.abs(part) > 200)) if len(part) else 0.0


@pytest.mark.parametrize(("voice", "rate_hz"), [("slt", 24_000), ("rms", 16_000)])
def test_shipped_voices_speak_with_timings(
    voice: str, rate_hz: int, request: pytest.FixtureRequest
) -> None:
    engine: PiperVoiceEngine = request.getfixturevalue(voice)
    chunks = list(engine.speak([ANSWER]))
    assert [chunk.text for chunk in chunks] == list(split_chunks([ANSWER]))
    assert engine.sample_rate_hz == rate_hz
    for chunk in chunks:
        check(chunk)
        assert chunk.aligned
        assert chunk.sample_rate_hz == rate_hz
        assert 0.1 < chunk.duration_s / len(chunk.words) < 0.8, "a person's pace"
        for word, start_s, end_s in chunk.words:
            assert loud_share(chunk, start_s, end_s) > 0.2, f"{word} is heard when it is shown"


def test_sound_begins_at_once_and_ends_with_the_pause(slt: PiperVoiceEngine) -> None:
    def silence_s(text: str) -> tuple[float, float]:
        """Silence before and after what is heard."""
        chunk = slt.synthesise(text)
        loud = np.flatnonzero(np.abs(chunk.samples) > 0.01 * 32_768)
        after = len(chunk.samples) - int(loud[-1])
        return int(loud[0]) / chunk.sample_rate_hz, after / chunk.sample_rate_hz

    before_s, after_s = silence_s("The tide was out.")
    assert before_s < 0.02
    assert after_s == pytest.approx(0.23, abs=0.005)
    before_s, after_s = silence_s("When the tide was out,")
    assert before_s < 0.02
    assert after_s == pytest.approx(0.11, abs=0.005)


def test_loudness_is_even_between_chunks(slt: PiperVoiceEngine) -> None:
    levels = [
        float(np.sqrt(np.mean(np.square(chunk.samples.astype(float)))))
        for chunk in slt.speak([ANSWER, "Yes.", "The sea gives and the sea takes, you know."])
    ]
    assert max(levels) / min(levels) < 2.0, "within 6 dB"


def test_rate_changes_the_length(slt: PiperVoiceEngine) -> None:
    text = "The tide goes out and comes again every day"
    path = builtin_models_dir() / "slt24.onnx"
    own = slt.synthesise(text).words[-1].end_s
    fast = PiperVoiceEngine(path, rate=1.6).synthesise(text).words[-1].end_s
    slow = PiperVoiceEngine(path, rate=0.8).synthesise(text).words[-1].end_s
    assert own / fast == pytest.approx(1.6, rel=0.1)
    assert own / slow == pytest.approx(0.8, rel=0.1)


def test_pronunciations_are_heard_but_not_shown(slt: PiperVoiceEngine) -> None:
    respelt = slt.synthesise("A Plesiosaurus.")
    plain = slt.synthesise("A pleesio-sorus.")
    assert [word.word for word in respelt.words] == ["A", "Plesiosaurus."]
    assert [p.phoneme for p in respelt.phonemes] == [p.phoneme for p in plain.phonemes]


def test_phonemes_may_be_given_as_they_are(hum_path: Path) -> None:
    engine = PiperVoiceEngine(hum_path, pronunciations={"Lyme": "[[lˈaɪm]]"})
    chunk = engine.synthesise("I love Lyme, dear.")
    check(chunk)
    assert "lˈaɪm" in "".join(phoneme.phoneme for phoneme in chunk.phonemes)


def test_nothing_spoken_is_logged(hum_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        PiperVoiceEngine(hum_path).synthesise("A secret 你好 word.")
    assert not caplog.records


def test_same_text_same_times(slt: PiperVoiceEngine) -> None:
    first, second = (slt.synthesise("Twice the same.") for _ in range(2))
    assert [p.phoneme for p in first.phonemes] == [p.phoneme for p in second.phonemes]
    for one, other in zip(first.words, second.words, strict=True):
        assert one[1:] == pytest.approx(other[1:], abs=0.02)


@pytest.mark.parametrize(
    "text",
    ["", " ", "…", "你好", "\x00\x07", "<speak>&amp;</speak>", "a" * 400, "1" * 60, "[[x]] [["],
)
def test_odd_text_is_no_fault(slt: PiperVoiceEngine, text: str) -> None:
    chunk = slt.synthesise(text)
    assert len(chunk.words) == len(chunk.text.split())
    for again in slt.speak([text]):
        assert again.text


def test_cancel_stops_before_the_next_chunk(slt: PiperVoiceEngine) -> None:
    cancel = CancelToken()
    chunks = slt.speak(["First one.", "Second one."], cancel)
    assert next(chunks).text == "First one."
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(chunks)


def test_a_voice_without_timings_gets_estimates(hum_path: Path) -> None:
    engine = PiperVoiceEngine(hum_path)
    chunk = engine.synthesise("I walked along the shore, in the rain.")
    check(chunk)
    assert not chunk.aligned
    assert engine.sample_rate_hz == SAMPLE_RATE_HZ
    assert engine.name == "piper:hum"
    assert chunk.words[-1].end_s == pytest.approx(chunk.duration_s - 0.2, abs=0.15)


def test_an_official_voice_is_made_to_give_its_timings(tmp_path: Path, hum_path: Path) -> None:
    """Piper's alignment patch finds the one Ceil node, as in official voices."""
    path = tmp_path / "official.onnx"
    make_test_voice(path, timings=True)
    text = "I walked along the shore, in the rain."
    exact = PiperVoiceEngine(path).synthesise(text)
    rough = PiperVoiceEngine(hum_path).synthesise(text)
    check(exact)
    assert exact.aligned
    for known, guess in zip(exact.words, rough.words, strict=True):
        assert guess.start_s == pytest.approx(known.start_s, abs=0.3)


# --- what can be wrong with a voice ---------------------------------------------------------------


def test_a_voice_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"none\.onnx.*kiosk models fetch") as caught:
        PiperVoiceEngine(tmp_path / "none.onnx")
    assert caught.value.exit_code == 3


def test_a_voice_without_its_description(hum_copy: Path) -> None:
    Path(f"{hum_copy}.json").unlink()
    with pytest.raises(ModelBroken, match=r"broken\.onnx\.json: the voice's description is miss"):
        PiperVoiceEngine(hum_copy)


@pytest.mark.parametrize("size", [0, 1, 200, 3000])
def test_a_truncated_voice(hum_copy: Path, size: int) -> None:
    hum_copy.write_bytes(hum_copy.read_bytes()[:size])
    with pytest.raises(ModelBroken, match=r"broken\.onnx") as caught:
        PiperVoiceEngine(hum_copy)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_flipped_bits_never_escape_as_another_exception(hum_copy: Path) -> None:
    whole = hum_copy.read_bytes()
    random = np.random.default_rng(5)
    for _ in range(25):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), 20):
            damaged[place] ^= 1 << int(random.integers(0, 8))
        hum_copy.write_bytes(bytes(damaged))
        with suppress(ModelBroken):
            PiperVoiceEngine(hum_copy).synthesise("It may still hum.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "null",
        '{"audio": 5}',
        '{"audio": {"sample_rate": "x"}}',
    ],
)
def test_a_broken_description(hum_copy: Path, text: str) -> None:
    Path(f"{hum_copy}.json").write_text(text)
    with pytest.raises(ModelBroken, match=r"description cannot be used"):
        PiperVoiceEngine(hum_copy)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("phoneme_id_map", {}),
        ("phoneme_id_map", []),
        ("phoneme_id_map", None),
        ("audio", {"sample_rate": 7}),
        ("audio", {"sample_rate": "24000"}),
        ("phoneme_type", "runes"),
        ("inference", {"length_scale": 0}),
        ("inference", {"length_scale": "slow"}),
    ],
)
def test_a_description_with_one_wrong_value(hum_copy: Path, key: str, value: object) -> None:
    description = Path(f"{hum_copy}.json")
    description.write_text(json.dumps(json.loads(description.read_text()) | {key: value}))
    with pytest.raises(ModelBroken, match=r"description cannot be used"):
        PiperVoiceEngine(hum_copy)


def test_an_unknown_language(hum_copy: Path) -> None:
    description = Path(f"{hum_copy}.json")
    changed = json.loads(description.read_text()) | {"espeak": {"voice": "xx-none"}}
    description.write_text(json.dumps(changed))
    with pytest.raises(ModelBroken, match='does not know the language "xx-none"'):
        PiperVoiceEngine(hum_copy)


def test_another_kind_of_model(hum_copy: Path) -> None:
    shutil.copy(builtin_models_dir() / BUILTIN_LIPS, hum_copy)
    with pytest.raises(ModelBroken, match="no Piper voice"):
        PiperVoiceEngine(hum_copy)


def test_missing_espeak_data_are_noticed_before_they_end_the_process(
    hum_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(piper_espeak, "ESPEAK_DATA_DIR", tmp_path)
    with pytest.raises(ModelBroken, match=r"espeak-ng's data are incomplete \(phondata"):
        PiperVoiceEngine(hum_path)

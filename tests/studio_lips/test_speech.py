"""Sets of speech on disk, and what is read in them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import BadInput
from kiosk.lipsync.mel import log_mel
from studio.lips.mouths import PRESS
from studio.lips.readers import Reader, Utterance
from studio.lips.sets import ADD, JUDGE, LEARN, own_sentences, parts_of
from studio.lips.speech import Part, minutes_of, open_mel, read_part, write_part
from studio.lips.texts import english, made_up


def reader() -> Reader:
    def read(texts: Sequence[str], _: random.Random | None) -> Iterator[Utterance]:
        for index, text in enumerate(texts):
            samples = np.random.default_rng(index).normal(0, 0.1, 16000).astype(np.float32)
            yield Utterance("noise", text, samples, [("PP", 0.4, 0.5), ("AA", 0.5, 1.0)])

    return read


def written(folder: Path, *, varied: bool = False, keep_sound: bool = True) -> float:
    part = Part("noise", reader, ["One.", "Two."], varied)
    return write_part(part, folder, seed=1, keep_sound=keep_sound, report=lambda *_: None)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    minutes = written(tmp_path)
    one, two = read_part(tmp_path, "noise")
    assert (one.text, two.text) == ("One.", "Two.")
    assert minutes == minutes_of(tmp_path, "noise") == pytest.approx(2 * 1.95 / 60, rel=0.01)
    assert np.abs(one.mel - open_mel(one.samples)).max() < 0.01  # kept at half precision
    name, start_s, end_s = one.sounds[0]
    assert name == "PP"
    assert one.codes[round((start_s + end_s) / 2 * 200), PRESS] > 0.99


def test_a_part_that_is_there_is_left_alone(tmp_path: Path) -> None:
    written(tmp_path)
    before = (tmp_path / "noise.npz").stat().st_mtime_ns
    written(tmp_path)
    assert (tmp_path / "noise.npz").stat().st_mtime_ns == before


def test_sets_to_learn_from_keep_no_sound_and_have_other_speakers(tmp_path: Path) -> None:
    written(tmp_path, varied=True, keep_sound=False)
    lengths = {said.mel.shape[1] for said in read_part(tmp_path, "noise")}
    assert all(len(said.samples) == 0 for said in read_part(tmp_path, "noise"))
    assert lengths != {157}


def test_a_part_that_is_missing_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="speech"):
        read_part(tmp_path, "nobody")


def test_the_open_spectrogram_is_the_contracts_where_that_hears_something() -> None:
    samples = np.random.default_rng(0).normal(0, 0.2, 8000).astype(np.float32)
    closed = log_mel(samples)
    heard = closed > -4
    assert np.allclose(open_mel(samples)[heard], closed[heard], atol=1e-4)
    assert open_mel(samples * np.float32(0.01)).min() < -4.0


def test_judged_sentences_are_never_learnt() -> None:
    learnt = {text for name in (LEARN, ADD) for part in parts_of(name, 1) for text in part.texts}
    judged = {text for part in parts_of(JUDGE, 1) for text in part.texts}
    assert judged
    assert not learnt & judged
    assert set(own_sentences(1)) <= judged


def test_unseen_voices_are_in_no_set_to_learn_from() -> None:
    names = {part.name for part in parts_of(LEARN, 1)}
    assert names.isdisjoint(part.name for part in parts_of(ADD, 1))
    assert len(names) == 14


def test_texts_are_the_same_for_the_same_seed_and_never_twice() -> None:
    assert english(50, 3) == english(50, 3)
    assert len(set(english(50, 3))) == 50
    assert made_up(5, 3) == made_up(5, 3)
    assert set("".join(made_up(40, 3)).lower()) <= set("aeioupbmfvtdnslrkg ,.")

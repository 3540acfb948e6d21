"""What the network shall learn: espeak-ng's symbols with the teacher's parameters."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.voice.align import PAUSE, align
from studio.voice.melody import question_rise
from studio.voice.names import Phonemizer
from studio.voice.teacher import Speech, Teacher

LEAD_FRAMES = 12
"""Silence that stays before a sentence: 60 ms."""

TAIL_FRAMES = 20
"""Silence that stays after it: 100 ms."""

WORST_COST = 0.18
"""Alignment cost a phone above which a sentence is left out of the training: its text was read
differently by the two."""

BATCH = 200
"""Sentences that one Festival process reads."""


@dataclass(frozen=True, slots=True)
class Target:
    """One sentence to learn.

    Attributes:
        ids: [symbols] Piper's numbers of the symbols, ``^`` and ``$`` included, without padding.
        lengths: [symbols] teacher frames (5 ms) that each symbol takes; fractions are possible.
        cepstra: [frames, 45].
        log_f0: [frames]; goes on in a straight line where there is no voice.
        voiced: [frames] 1 with voice, 0 without.
    """

    ids: NDArray[np.int64]
    lengths: NDArray[np.float32]
    cepstra: NDArray[np.float32]
    log_f0: NDArray[np.float32]
    voiced: NDArray[np.float32]

    def save(self, path: Path) -> None:
        """Write to an ``.npz`` file; half precision is finer than any error in cepstra."""
        temporary = path.with_suffix(".part")
        with temporary.open("wb") as file:
            np.savez(
                file,
                ids=self.ids.astype(np.int16),
                lengths=self.lengths,
                cepstra=self.cepstra.astype(np.float16),
                log_f0=self.log_f0,
                voiced=self.voiced.astype(np.uint8),
            )
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> Target:
        """Read what :meth:`save` wrote."""
        with np.load(path) as arrays:
            return cls(
                ids=arrays["ids"].astype(np.int64),
                lengths=arrays["lengths"],
                cepstra=arrays["cepstra"].astype(np.float32),
                log_f0=arrays["log_f0"],
                voiced=arrays["voiced"].astype(np.float32),
            )


def build_targets(
    texts: Sequence[str],
    folder: Path,
    teacher: Teacher,
    report: Callable[[float, float], None],
) -> Counter[str]:
    """Have sentences read and aligned, a file each; those already there are not made again.

    Returns:
        How many were ``kept``, and how many left out and why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    phonemizer = Phonemizer()
    reasons: Counter[str] = Counter()
    for start in range(0, len(texts), BATCH):
        batch = {
            folder / f"{index:05d}.npz": text
            for index, text in enumerate(texts[start : start + BATCH], start)
        }
        missing = {
            path: text
            for path, text in batch.items()
            if not path.exists() and not path.with_suffix(".left").exists()
        }
        with tempfile.TemporaryDirectory() as name:
            labels = teacher.labels(list(missing.values()), Path(name)) if missing else []
            for done, ((path, text), of_text) in enumerate(
                zip(missing.items(), labels, strict=True)
            ):
                made = make_target(phonemizer.sentences(text), teacher.speech(of_text))
                if isinstance(made, Target):
                    made.save(path)
                else:
                    path.with_suffix(".left").write_text(f"{made}\n")
                report(start + done, len(texts))
        for path in batch:
            left = path.with_suffix(".left")
            reasons[left.read_text().strip() if left.exists() else "kept"] += 1
        report(start + len(batch), len(texts))
    return reasons


def make_target(sentences: Sequence[Sequence[str]], speech: Speech | None) -> Target | str:
    """Join what espeak-ng and the teacher say of one text; a string says why it cannot be used."""
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP as ID_MAP

    if speech is None:
        return "the teacher could not read it"
    if len(sentences) != 1:
        return "several sentences for espeak-ng"
    symbols = ["^", *(symbol for symbol in sentences[0] if symbol in ID_MAP), "$"]
    alignment = align(symbols, speech.phones)
    if alignment.cost > WORST_COST * len(speech.phones):
        return "read differently"
    if np.isfinite(speech.log_f0).sum() < 5:
        return "no voice"
    lengths, cropped = _crop(speech)
    log_f0 = speech.log_f0[cropped]
    voiced = np.isfinite(log_f0)
    frames = np.arange(len(log_f0))
    joined = np.interp(frames, frames[voiced], log_f0[voiced])
    durations = np.array(alignment.durations(list(lengths)), np.float32)
    if speech.asks and symbols[-2] == "?":
        joined = joined + question_rise(symbols, durations, voiced)
    return Target(
        ids=np.array([ID_MAP[symbol][0] for symbol in symbols]),
        lengths=durations,
        cepstra=speech.cepstra[cropped],
        log_f0=joined.astype(np.float32),
        voiced=voiced.astype(np.float32),
    )


def _crop(speech: Speech) -> tuple[NDArray[np.int64], slice]:
    """Shorten the silence at both ends: (segment lengths, frames that stay)."""
    lengths = speech.lengths.copy()
    before = after = 0
    if speech.phones[0] == PAUSE:
        before = max(int(lengths[0]) - LEAD_FRAMES, 0)
        lengths[0] -= before
    if speech.phones[-1] == PAUSE:
        after = max(int(lengths[-1]) - TAIL_FRAMES, 0)
        lengths[-1] -= after
    return lengths, slice(before, len(speech.cepstra) - after)

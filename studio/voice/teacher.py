"""The teacher: Festival's us-slt-hts, which reads a sentence and gives its speech parameters.

Festival turns text into labels (sounds with their surroundings), hts_engine turns labels into
speech parameters. Both are Debian packages: ``festival festvox-us-slt-hts htsengine``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import BadInput, Missing
from studio.voice.settings import CEPSTRA, TEACHER_RATE_HZ

FESTIVAL_DATA = Path("/usr/share/festival")
DICTIONARY = FESTIVAL_DATA / "dicts/cmu/cmudict-0.4.out"
VOICE = FESTIVAL_DATA / "voices/us/cmu_us_slt_arctic_hts/hts/cmu_us_slt_arctic_hts.htsvoice"
PACKAGES = "festival festvox-us-slt-hts htsengine"

_PHONE = re.compile(r"-([a-z]+)\+")
_RISES = "|H-H%/"  # ToBI's mark for a phrase that ends high, as Festival writes it into labels
_SCRIPT = """\
(voice_cmu_us_slt_arctic_hts)
(defSynthType HTS
  (let ((file (fopen labels_path "w")))
    (apply_hooks hts_synth_pre_hooks utt)
    (mapcar (lambda (label) (format file "%s\\n" label))
            (hts_dump_feats_string_list utt hts_feats_list))
    (fclose file)
    utt))
(define (learn word phones)
  (lex.add.entry (list word nil (lex.syllabify.phstress phones))))
(define (labels path text) (set! labels_path path) (SynthText text))
"""


@dataclass(frozen=True, slots=True)
class Speech:
    """What the teacher says, frame by frame (5 ms).

    Attributes:
        phones: Name of each segment; ``pau`` for pauses.
        lengths: Frames of each segment.
        cepstra: [frames, 45] mel-cepstrum of the spectrum at 32 kHz, in neper.
        log_f0: [frames] natural logarithm of the pitch in Hz; NaN where there is no voice.
        asks: Whether the last phrase is one that people end high: a question for yes or no.
    """

    phones: tuple[str, ...]
    lengths: NDArray[np.int64]
    cepstra: NDArray[np.float32]
    log_f0: NDArray[np.float32]
    asks: bool


class Teacher:
    """Reads sentences.

    Args:
        names: Word, lower case, to its phones with stress (``ih1``): how it is to be said.

    Raises:
        Missing: Festival, its voice or hts_engine is not installed.
    """

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        require_teacher()
        self._names = names

    def labels(self, texts: Sequence[str], folder: Path) -> list[Path]:
        """Label files of some sentences, in their order; not every one must appear in the end."""
        paths = [folder / f"{index}.lab" for index in range(len(texts))]
        lines = [_SCRIPT]
        lines += [
            f'(learn "{word}" (quote ({" ".join(phones)})))'
            for word, phones in sorted(self._names.items())
        ]
        lines += [
            f'(labels "{path}" "{_quoted(text)}")' for path, text in zip(paths, texts, strict=True)
        ]
        script = folder / "read.scm"
        script.write_text("\n".join(lines) + "\n", encoding="utf-8")
        _run(["festival", "-b", str(script)])
        return paths

    def speech(self, labels: Path) -> Speech | None:
        """The parameters of one sentence; None if the teacher could not read it."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            wanted = {"-om": "cepstra", "-of": "log_f0", "-od": "lengths"}
            options = [word for flag, file in wanted.items() for word in (flag, str(folder / file))]
            # One sample a frame: the parameters stay the same, and the engine, which cannot be kept
            # from computing the sound too, is done eight times sooner.
            if not labels.is_file() or not _engine(labels, ["-p", "1", *options]):
                return None
            cepstra = np.fromfile(folder / "cepstra", "<f4").reshape(-1, CEPSTRA)
            log_f0 = np.fromfile(folder / "log_f0", "<f4")
            rows = [line.split() for line in (folder / "lengths").read_text().splitlines()]
        unit = 1e7 / TEACHER_RATE_HZ  # times are in 100 ns, and a frame was one sample
        ends = np.array([round(int(row[1]) / unit) for row in rows])
        phones = tuple(_PHONE.search(row[2])[1] for row in rows)  # type: ignore[index]
        if ends[-1] != len(cepstra):
            return None
        return Speech(
            phones=phones,
            lengths=np.diff(ends, prepend=0),
            cepstra=cepstra,
            log_f0=np.where(log_f0 > 0, log_f0, np.nan).astype(np.float32),
            asks=_RISES in rows[-2][2],
        )

    def say(self, texts: Sequence[str], folder: Path) -> list[Path]:
        """The teacher's own sound of some sentences, as WAV files of 32 kHz."""
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as name:
            paths = []
            for index, labels in enumerate(self.labels(texts, Path(name))):
                paths.append(folder / f"{index:03d}.wav")
                if not _engine(labels, ["-ow", str(paths[-1])]):
                    raise BadInput(f"The teacher cannot read “{texts[index]}”.")
        return paths


def require_teacher() -> None:
    """Raises ``Missing`` with the packages to install, if there is no teacher here."""
    tools = [tool for tool in ("festival", "hts_engine") if shutil.which(tool) is None]
    files = [str(path) for path in (VOICE, DICTIONARY) if not path.is_file()]
    if tools or files:
        raise Missing(
            f"The teacher is not installed ({', '.join(tools + files)} missing).",
            remedy=f"On Debian: apt install {PACKAGES}",
        )


def dictionary_lines() -> Iterable[str]:
    """The teacher's dictionary, an entry a line."""
    return DICTIONARY.read_text(encoding="utf-8", errors="replace").splitlines()


def _engine(labels: Path, options: Sequence[str]) -> bool:
    return _run(["hts_engine", "-m", str(VOICE), *options, str(labels)], may_fail=True)


def _run(command: Sequence[str], *, may_fail: bool = False) -> bool:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and not may_fail:
        raise BadInput(f"{command[0]} failed: {done.stderr.strip()[-300:]}")
    return done.returncode == 0


def _quoted(text: str) -> str:
    return text.replace("\\", "").replace('"', "").replace("“", "").replace("”", "")

"""The lips network prepared for the persona's loop, calibrated on the persona's own voice.

`kiosk persona build` prepares it at once. An engine that finds none serves visitors with the whole
network, and after a while lets a process of its own, of the lowest priority, prepare it; the lips
take it from one frame to the next.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import threading
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk import paths
from kiosk.engine.parts import PartsLoader
from kiosk.errors import KioskError
from kiosk.lipsync import LipSync
from kiosk.lipsync.graph.kept import Facts
from kiosk.lipsync.mel import SAMPLE_RATE_HZ
from kiosk.lipsync.mouth import ModelMouth
from kiosk.lipsync.speedup import adopt, prepare
from kiosk.messages import Shape, Speaking
from kiosk.persona import LoadedPersona, Persona, load_persona
from kiosk.tts import PiperVoiceEngine

log = logging.getLogger(__name__)

WAIT_S = 30.0
"""From an engine's start: the first visitor has both cores."""

CALIBRATION_S = 12.0
_LOWEST_PRIORITY = 19


def prepare_network(lips: LipSync, loaded: LoadedPersona, threads: int) -> Facts | None:
    """Prepare the network for a persona's loop and voice, unless that has been done.

    Args:
        lips: Over the persona's loop; uses the result from now on.
        loaded: The persona.
        threads: Cores to use.

    Returns:
        What was decided and why; None for lips without a network.

    Raises:
        KioskError: The persona's voice cannot be loaded.
    """
    mouth = lips.mouth
    if not isinstance(mouth, ModelMouth):
        return None
    found = adopt(mouth, paths.cache_dir())
    if found is not None:
        return found
    voice = PartsLoader(loaded, threads).voice(Speaking.PERSONA)
    samples = spoken(voice, loaded.persona, CALIBRATION_S)
    return prepare(mouth, samples.astype(np.float32) / np.float32(32768), paths.cache_dir())


def spoken(voice: PiperVoiceEngine, persona: Persona, length_s: float) -> NDArray[np.int16]:
    """The first seconds of a persona's answers, mono, 16 kHz."""
    pieces: list[NDArray[np.int16]] = []
    wanted = int(length_s * voice.sample_rate_hz)
    for chunk in voice.speak(one.say[0] for one in persona.answers):
        pieces.append(chunk.samples)
        if sum(piece.size for piece in pieces) >= wanted:
            break
    samples = np.concatenate(pieces)[:wanted]
    resampled: NDArray[np.int16] = soxr.resample(samples, voice.sample_rate_hz, SAMPLE_RATE_HZ)
    return resampled


class BackgroundPreparation:
    """Aim: a kiosk that nobody built for gets its fast lips all the same, and nobody waits for it.

    Args:
        loaded: The persona.
        lips: Use the result as soon as it is there.
        shape: Of the screen whose loop the lips are over.
        wait_s: Seconds to wait before the work begins.
    """

    def __init__(
        self,
        loaded: LoadedPersona,
        lips: LipSync,
        shape: Shape = Shape.WIDE,
        wait_s: float = WAIT_S,
    ) -> None:
        self._path = loaded.path
        self._shape = shape
        self._mouth = lips.mouth
        self._wait_s = wait_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lips-network", daemon=True)

    def start(self) -> None:
        """Begin, if there is anything to prepare."""
        if isinstance(self._mouth, ModelMouth) and self._mouth.facts is None:
            self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def join(self, timeout_s: float) -> None:
        """Wait until the work is over."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        if self._stopped.wait(self._wait_s):
            return
        context = multiprocessing.get_context("spawn")
        process = context.Process(
            target=_prepare_apart, args=(self._path, self._shape), name="kiosk-lips"
        )
        process.start()
        while process.is_alive():
            process.join(0.5)
            if self._stopped.is_set():
                process.terminate()
        process.join()
        if process.exitcode != 0:
            log.warning("the lips network was not prepared (exit code %s)", process.exitcode)
            return
        assert isinstance(self._mouth, ModelMouth)
        facts = adopt(self._mouth, paths.cache_dir())
        if facts is not None:
            log.info("lips network prepared: %s", facts)


def _prepare_apart(persona: Path, shape: Shape) -> None:
    """In a process of its own: whatever happens to it, the portrait goes on."""
    with contextlib.suppress(AttributeError, OSError):  # Windows has no such priorities
        os.nice(_LOWEST_PRIORITY)
    with contextlib.suppress(OSError):  # Linux only: if memory runs out, this goes and no engine
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    try:
        loaded = load_persona(persona)
        prepare_network(PartsLoader(loaded, 1, shape).lips(), loaded, 1)
    except (KioskError, OSError) as error:
        log.warning("the lips network was not prepared: %s", error)
        raise SystemExit(1) from None

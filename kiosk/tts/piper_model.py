"""Loading a Piper voice, with one clear message for every way in which that fails."""

from __future__ import annotations

import importlib.util
import json
import logging
from pathlib import Path
from typing import Any

import onnxruntime

from kiosk.errors import ModelBroken, ModelMissing

_INPUTS = {"input", "input_lengths", "scales"}
_ESPEAK_FILES = ("phondata", "phonindex", "phontab", "intonations")
_FETCH = "Install it again with `kiosk models fetch`, or name another voice in persona.toml."
MAX_CONFIG_BYTES = 4 * 1024 * 1024


def load_piper(path: Path, *, threads: int) -> Any:
    """Load a voice as ``piper.PiperVoice``.

    The session is made here and not by Piper: Piper takes every core and keeps all memory.

    Raises:
        ModelMissing: There is no such file.
        ModelBroken: The voice or its JSON is damaged or of another kind, or espeak-ng's data are
            missing.
    """
    from piper import PiperVoice
    from piper.config import PhonemeType

    # Piper logs every text that it speaks, and texts never belong in a log.
    logging.getLogger("piper").setLevel(logging.ERROR)
    if not path.is_file():
        raise ModelMissing("the voice is not installed.", where=path, remedy=_FETCH)
    config = _load_config(Path(f"{path}.json"))
    if config.phoneme_type is PhonemeType.ESPEAK:
        _check_espeak(config.espeak_voice, Path(f"{path}.json"))
    session = _open_session(path, path, threads)
    if len(session.get_outputs()) == 1 and config.phoneme_type is PhonemeType.ESPEAK:
        session = _session_with_timings(path, threads) or session
    names = {value.name for value in session.get_inputs()}
    if not names >= _INPUTS:
        raise ModelBroken(
            f"the file is no Piper voice (its inputs are {', '.join(sorted(names))}).",
            where=path,
            remedy="Name a Piper voice in persona.toml.",
        )
    return PiperVoice(session=session, config=config)


def _load_config(path: Path) -> Any:
    from piper import PiperConfig

    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ValueError("it is far too large")
        config = PiperConfig.from_dict(json.loads(path.read_text(encoding="utf-8")))
        missing = [symbol for symbol in "_^$" if symbol not in config.phoneme_id_map]
        if missing:
            raise ValueError(f"phoneme_id_map has no {' '.join(missing)}")
        if not 8_000 <= config.sample_rate <= 192_000 or config.length_scale <= 0:
            raise ValueError("its sample rate or length scale is impossible")
    except FileNotFoundError as error:
        raise ModelBroken(
            "the voice's description is missing.", where=path, remedy=_FETCH
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise ModelBroken(
            f"the voice's description cannot be used ({reason}).", where=path, remedy=_FETCH
        ) from error
    return config


def _check_espeak(voice: str, where: Path) -> None:
    """Without its data espeak-ng ends the process, with no exception: so look before."""
    from piper.phonemize_espeak import ESPEAK_DATA_DIR

    lost = [name for name in _ESPEAK_FILES if not (ESPEAK_DATA_DIR / name).is_file()]
    if lost:
        raise ModelBroken(
            f"espeak-ng's data are incomplete ({', '.join(lost)} missing).",
            where=ESPEAK_DATA_DIR,
            remedy="Install the Python package piper-tts again.",
        )
    from piper.phonemize_espeak import EspeakPhonemizer

    try:
        EspeakPhonemizer().phonemize(voice, "a")
    except RuntimeError as error:
        raise ModelBroken(
            f'espeak-ng does not know the language "{voice}".',
            where=where,
            remedy="Correct espeak.voice in it, or name another voice in persona.toml.",
        ) from error


def _open_session(model: Path | bytes, path: Path, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Sentences differ in length: the arena would keep the largest of everything for ever, and a
    # memory plan would be kept for every length.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            model if isinstance(model, bytes) else str(model),
            sess_options=options,
            providers=["CPUExecutionProvider"],
        )
    except Exception as error:  # onnxruntime's own exceptions have no common root
        reason = str(error).strip().splitlines()[-1][:200]
        raise ModelBroken(
            f"the voice is damaged or no ONNX model ({reason}).", where=path, remedy=_FETCH
        ) from error


def _session_with_timings(path: Path, threads: int) -> Any | None:
    """A session of an official voice that also gives phoneme durations; None if it cannot.

    Official voices compute the durations without giving them out. Piper can add that output in
    memory if the package ``onnx`` is there; without it word times are estimated.
    """
    if importlib.util.find_spec("onnx") is None:
        return None
    import onnx
    from piper.patch_voice_with_alignment import add_alignment_output

    model = onnx.load(str(path))
    try:
        add_alignment_output(model)
    except ValueError:
        return None  # Not of the usual architecture.
    return _open_session(model.SerializeToString(), path, threads)

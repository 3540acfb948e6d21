"""Prepare a mouth's network for its loop once, and take what has been prepared."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ModelBroken
from kiosk.lipsync.fast import FastModel
from kiosk.lipsync.graph import kept
from kiosk.lipsync.graph.build import build
from kiosk.lipsync.graph.kept import Facts, PreparedNetwork
from kiosk.lipsync.mel import COLUMNS_PER_S, WINDOW_COLUMNS, log_mel
from kiosk.lipsync.mouth import ModelMouth
from kiosk.lipsync.session import CPU
from kiosk.video.loop import LOOP_FPS

log = logging.getLogger(__name__)


def adopt(mouth: ModelMouth, cache_dir: Path) -> Facts | None:
    """Let a mouth use what has been prepared for it; at any time, from any thread.

    Args:
        mouth: Goes on with its whole model if there is nothing, or if it does not run.
        cache_dir: The kiosk's cache.

    Returns:
        What there is: ``whole`` means that nothing more can be prepared. None if nothing has been.
    """
    prepared = kept.load(_folder(mouth, cache_dir))
    if prepared is None or not _take(mouth, prepared):
        return None
    return prepared.facts


def prepare(mouth: ModelMouth, speech: NDArray[np.float32], cache_dir: Path | None) -> Facts:
    """Prepare a mouth's network, keep it, and let the mouth use it. Takes seconds.

    Args:
        mouth: Over its loop.
        speech: As the portrait will speak, mono, 16 kHz, some seconds.
        cache_dir: The kiosk's cache; None to keep nothing.
    """
    prepared = build(
        mouth.model,
        mouth.faces,
        mouth.loop.frame_count,
        mouth.loop.window,
        windows_of(speech),
        threads=mouth.model.threads,
    )
    if cache_dir is not None:
        try:
            kept.save(prepared, _folder(mouth, cache_dir))
        except OSError as error:
            log.warning("the prepared lips network is not kept: %s", error.strerror)
    _take(mouth, prepared)
    return prepared.facts


def windows_of(speech: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mel windows of an utterance's frames, shape (n, 80, 16)."""
    mel = log_mel(speech)
    starts = range(mel.shape[1] - WINDOW_COLUMNS + 1)
    step = COLUMNS_PER_S / LOOP_FPS
    chosen = [starts[int(at)] for at in np.arange(0, len(starts), step)]
    return np.stack([mel[:, at : at + WINDOW_COLUMNS] for at in chosen])


def _take(mouth: ModelMouth, prepared: PreparedNetwork) -> bool:
    """Let a mouth use a prepared network; False if that does not run here."""
    if prepared.facts.arithmetic != "whole":
        model = mouth.model
        providers = [model.provider] if model.provider == CPU else [model.provider, CPU]
        try:
            mouth.fast = FastModel(
                prepared, mouth.loop.window, model.path, threads=model.threads, providers=providers
            )
        except (ModelBroken, OSError) as error:
            log.warning("lips run on the whole network: %s", error)
            return False
    mouth.facts = prepared.facts
    return True


def _folder(mouth: ModelMouth, cache_dir: Path) -> Path:
    model = mouth.model
    return kept.network_folder(
        cache_dir, model.path, mouth.loop.faces, mouth.loop.window, model.provider
    )

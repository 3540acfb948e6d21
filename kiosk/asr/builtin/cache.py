"""Keep the built-in model in the cache, one folder for each set of words.

Apart from ``build`` because the usual start finds the model made and should not load what makes it.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import tempfile
from dataclasses import asdict
from importlib import metadata
from multiprocessing.connection import Connection
from pathlib import Path

from kiosk.asr.builtin.report import BuildReport
from kiosk.asr.model_folder import inspect_model
from kiosk.asr.spec import VocabularySpec
from kiosk.errors import KioskError, ModelBroken, ModelMissing

BUILD_VERSION = 7
"""Rises with every change of what is built, so that caches from before are not used."""

MOST_MODELS = 4
"""How many built models are kept, about 40 MB each."""

INGREDIENTS = ("pocketsphinx", "kaldifst", "piper-tts")
"""Distributions that the built model depends on; a frozen kiosk must carry their metadata."""


def builtin_model_dir(spec: VocabularySpec, cache_dir: Path) -> Path:
    """Where the model for ``spec`` is, or would be."""
    versions = {package: metadata.version(package) for package in INGREDIENTS}
    recipe = {"version": BUILD_VERSION, "packages": versions, "spec": asdict(spec)}
    text = json.dumps(recipe, sort_keys=True, ensure_ascii=False)
    return cache_dir / f"vosk-en-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def ensure_builtin_model(spec: VocabularySpec, cache_dir: Path, *, language: str = "en") -> Path:
    """Folder of the built-in model for ``spec``; built now if the cache has none.

    Args:
        spec: What visitors say.
        cache_dir: Folder for models; made if it does not exist.
        language: The persona's language.

    Raises:
        ModelMissing: There is no built-in model for ``language``.
        ModelBroken: The acoustic model inside the pocketsphinx package cannot be read.
    """
    if language != "en":
        raise ModelMissing(
            f"The built-in speech recognition knows English only, not '{language}'.",
            where="recognition.model",
            remedy="Run: kiosk models list, fetch the Vosk model of this language with "
            "kiosk models fetch, and name it under recognition.model.",
        )
    target = builtin_model_dir(spec, cache_dir)
    if _usable(target):
        return target

    cache_dir.mkdir(parents=True, exist_ok=True)
    # Built beside the target and renamed, so that a power cut never leaves half a model.
    with tempfile.TemporaryDirectory(dir=cache_dir, prefix=".building-") as scratch:
        fresh = Path(scratch) / target.name
        build_apart(fresh, spec)
        if not _usable(target):
            shutil.rmtree(target, ignore_errors=True)
            os.replace(fresh, target)
    _forget_oldest(cache_dir)
    return target


def build_apart(folder: Path, spec: VocabularySpec) -> BuildReport:
    """Build in a process of its own.

    kaldifst and vosk each carry their own OpenFst; a process that has loaded both may end with a
    segmentation fault or hang.

    Raises:
        ModelBroken: The acoustic model inside the pocketsphinx package cannot be read, or the
            process died.
        OSError: The disk is full or read-only.
    """
    context = multiprocessing.get_context("spawn")
    result, report = context.Pipe(duplex=False)
    process = context.Process(target=_build, args=(folder, spec, report), name="kiosk-build")
    process.start()
    report.close()
    try:
        outcome: BuildReport | Exception = result.recv()
    except EOFError:
        outcome = ModelBroken(
            "The built-in speech recognition could not be built.",
            where=folder.name,
            remedy="Run: kiosk persona build, and look at its output.",
        )
    finally:
        process.join()
        result.close()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _build(folder: Path, spec: VocabularySpec, report: Connection) -> None:
    from kiosk.asr.builtin.build import build_model

    try:
        report.send(build_model(folder, spec))
    except (KioskError, OSError) as error:  # OSError: the disk is full or read-only
        report.send(error)


def _forget_oldest(cache_dir: Path) -> None:
    """Each edit of a persona makes a model: keep the newest few, of whichever persona."""
    folders = sorted(cache_dir.glob("vosk-en-*"), key=lambda folder: folder.stat().st_mtime)
    for folder in folders[:-MOST_MODELS]:
        shutil.rmtree(folder, ignore_errors=True)


def _usable(folder: Path) -> bool:
    try:
        inspect_model(folder)
    except KioskError:
        return False
    return True

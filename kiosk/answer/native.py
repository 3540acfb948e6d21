"""The door to llama.cpp: what must hold before its native code is let near a file.

llama.cpp may end the whole process on a file that is not what it says, and it writes to standard
error as it likes. Both are dealt with here, once, for the embedding and the chat model.
"""

from __future__ import annotations

import ctypes
import struct
from pathlib import Path

import llama_cpp

from kiosk.errors import ModelBroken, ModelMissing

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_HEADER = struct.Struct("<4sIqq")  # magic, version, number of tensors, number of keys
_SMALLEST_BYTES = 1024
_MOST_ENTRIES = 1 << 20
_REMEDY = "Run 'kiosk models verify' and fetch or import the model again."


def check_gguf(path: Path) -> None:
    """Refuse what is evidently no GGUF file.

    Raises:
        ModelMissing: There is no such file.
        ModelBroken: Too short, wrong magic, unknown version or absurd counts.
    Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
        size_bytes = path.stat().st_size
    except FileNotFoundError:
        raise ModelMissing("The model is not installed.", where=path, remedy=_REMEDY) from None
    except OSError as error:
        raise ModelBroken(
            f"The model cannot be read ({error.strerror}).", where=path, remedy=_REMEDY
        ) from error
    if len(head) < _HEADER.size or size_bytes < _SMALLEST_BYTES:
        raise ModelBroken("The model file is cut short.", where=path, remedy=_REMEDY)
    magic, version, tensors, keys = _HEADER.unpack(head)
    if magic != _MAGIC:
        raise ModelBroken("The file is not a GGUF model.", where=path, remedy=_REMEDY)
    if version not in _VERSIONS:
        raise ModelBroken(
            f"GGUF version {version} is not supported.", where=path, remedy="Use version 2 or 3."
        )
    if not (0 < tensors < _MOST_ENTRIES and 0 < keys < _MOST_ENTRIES):
        raise ModelBroken("The model's header is damaged.", where=path, remedy=_REMEDY)


def open_llama(
    path: Path, *, threads: int, context_tokens: int, embedding: bool = False, seed: int = 0
) -> llama_cpp.Llama:
    """Load a checked GGUF on the processor, silently.

    Args:
        path: The model.
        threads: Threads for both prompt and generation.
        context_tokens: Size of the context, tokens; also the largest batch of an embedding model.
        embedding: True for a sentence-embedding model.
        seed: Of the sampler.

    Raises:
        ModelMissing: There is no such file.
        ModelBroken: llama.cpp refuses it.
    """
    check_gguf(path)
    llama_cpp.llama_log_set(_silence, ctypes.c_void_p(0))
    try:
        return llama_cpp.Llama(
            str(path),
            embedding=embedding,
            n_ctx=context_tokens,
            n_batch=min(context_tokens, 128),
            n_ubatch=min(context_tokens, 128),
            n_threads=threads,
            n_threads_batch=threads,
            n_gpu_layers=0,
            seed=seed,
            verbose=False,
        )
    except (ValueError, RuntimeError, AssertionError, OSError) as error:
        raise ModelBroken(
            f"llama.cpp cannot load the model ({error}).", where=path, remedy=_REMEDY
        ) from error


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def _silence(_level: int, _text: bytes, _user_data: ctypes.c_void_p) -> None:
    """Kept at module level: llama.cpp holds only its address."""

"""onnxruntime sessions for lips, all with the same options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnxruntime as ort

CPU = "CPUExecutionProvider"
# In order of preference; each is used only if this build of onnxruntime brings it.
_ACCELERATORS = ("CUDAExecutionProvider", "DmlExecutionProvider")


def accelerators() -> list[str]:
    """What this build of onnxruntime brings besides the CPU."""
    return [name for name in _ACCELERATORS if name in ort.get_available_providers()]


def open_session(model: Path | bytes, threads: int, providers: Sequence[str] = (CPU,)) -> Any:
    """Start a session.

    Args:
        model: ONNX file, or its content.
        threads: Cores to use.
        providers: What may compute, in order of preference.

    Raises:
        Exception: onnxruntime's own exceptions, which have no public base class.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # The arena keeps its peak for ever, and there are two batch sizes only.
    options.enable_cpu_mem_arena = False
    # Idle threads sleep: spinning would take the core that sound and picture need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    source = str(model) if isinstance(model, Path) else model
    return ort.InferenceSession(source, options, providers=list(providers))


def first_line(error: BaseException) -> str:
    """What a library's exception says, short enough for a message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]

"""Whether the process that took a job still works on it.

A worker's heart beats on the monotonic clock, which nobody sets and which begins anew with the
machine: a beat from before a restart lies in the future or long ago, so it counts as dead. Where
the system tells (Linux), a process that is gone is seen at once, without waiting for the beat, and
a new process that got the old one's number is not taken for it.
"""

from __future__ import annotations

import os
from pathlib import Path

BEAT_S = 1.0
DEAD_AFTER_S = 20.0

_PROC = Path("/proc")
_START_FIELD = 19  # of /proc/PID/stat after the name in brackets: field 22, proc(5)


def this_worker() -> str:
    """Name of this process, different from every other one's."""
    return f"{os.getpid()} {_born(os.getpid())}"


def is_alive(worker: str | None, heartbeat_s: float | None, now_s: float) -> bool:
    """Aim: true as long as the worker may still write.

    Args:
        worker: As ``this_worker`` named it.
        heartbeat_s: Its last beat.
        now_s: The monotonic clock.
    """
    if worker is None or heartbeat_s is None or not 0 <= now_s - heartbeat_s <= DEAD_AFTER_S:
        return False
    pid, _, born = worker.partition(" ")
    return not _tells() or (_born(int(pid)) == born and born != "")


def _tells() -> bool:
    return _born(os.getpid()) != ""


def _born(pid: int) -> str:
    """When a process began, in the kernel's ticks; empty if it is gone or unknown."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        return stat.rpartition(")")[2].split()[_START_FIELD]
    except (OSError, IndexError):
        return ""

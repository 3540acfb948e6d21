"""Starting and ending the room's servers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kiosk.errors import DeviceMissing

START_TIMEOUT_S = 15.0
END_TIMEOUT_S = 5.0
POLL_S = 0.02


def missing(programs: Mapping[str, str]) -> tuple[str, ...]:
    """Debian packages of the programs that are not on this machine.

    Args:
        programs: Program to Debian package.
    """
    return tuple(
        sorted({package for name, package in programs.items() if shutil.which(name) is None})
    )


def require(programs: Mapping[str, str], *, where: str) -> None:
    """Raise ``DeviceMissing``, naming the packages, if a program is not on this machine."""
    packages = missing(programs)
    if packages:
        raise DeviceMissing(
            f"programs of the virtual room are missing: {', '.join(packages)}.",
            where=where,
            remedy=f"Install them (Debian: apt install {' '.join(packages)}).",
        )


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    pass_fds: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a server that writes what it has to say into ``log``."""
    with log.open("wb") as output:
        return subprocess.Popen(
            list(command),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=pass_fds,
        )


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], *, log: Path, where: str
) -> None:
    """Wait for a server; ``DeviceMissing`` with the end of its log if it dies or takes too long."""
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline_s:
            lines = log.read_text(errors="replace").strip().splitlines()[-3:]
            said = "; ".join(lines) or "it said nothing"
            raise DeviceMissing(
                f"the virtual room's server did not start ({said}).",
                where=where,
                remedy="Run the kiosk on a machine with a sound server and a display.",
            )
        time.sleep(POLL_S)


def end(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """End a process in order, a stopped one too; kill it if it does not obey."""
    if process.poll() is not None:
        return
    os.kill(process.pid, signal.SIGCONT)
    process.send_signal(how)
    try:
        process.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(END_TIMEOUT_S)


def engines_of(window_pid: int) -> list[int]:
    """Engine processes of a running kiosk: its children that are no helper of multiprocessing's.

    Read from Linux's /proc, which has no children of other users' processes.
    """
    tasks = Path(f"/proc/{window_pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return [
        child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]

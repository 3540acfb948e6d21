"""Moving bytes safely: hash while copying, flush before renaming, look at the room on the disk."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kiosk.errors import Missing, ModelBroken

CHUNK_BYTES = 1 << 20
SPARE_BYTES = 64 << 20
"""Room that must stay free after an installation, so that the system itself does not choke."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes done so far and the total, None if that is unknown."""


def no_progress(done_bytes: int, total_bytes: int | None) -> None:
    """For callers who show nothing."""


def after(done_bytes: int, total_bytes: int, progress: Progress) -> Progress:
    """Progress of one file among several: counted on from what is done already."""
    return lambda now_bytes, _: progress(done_bytes + now_bytes, total_bytes)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one file holds.

    Attributes:
        size: Bytes.
        sha256: Lower-case hexadecimal.
    """

    size: int
    sha256: str


def fingerprint(path: Path) -> Fingerprint:
    """Size and hash of a file as it lies on the disk."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Fingerprint(file.tell(), digest)


def md5_of(path: Path) -> str:
    """For publishers who give nothing better; it finds damage, not malice."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def copy_limited(
    source: BinaryIO, target: Path, *, limit_bytes: int, progress: Progress = no_progress
) -> Fingerprint:
    """Copy a stream into a new file, flushed to the disk, and hash it on the way.

    Raises:
        ModelBroken: The stream holds more than ``limit_bytes``.
    """
    digest = hashlib.sha256()
    done = 0
    with target.open("xb") as out:
        while block := source.read(CHUNK_BYTES):
            done += len(block)
            if done > limit_bytes:
                raise ModelBroken(
                    f"holds more than the {limit_bytes} bytes it claims.",
                    where=target.name,
                    remedy="Get it again from a source you trust.",
                )
            digest.update(block)
            out.write(block)
            progress(done, limit_bytes)
        flush(out)
    return Fingerprint(done, digest.hexdigest())


def flush(file: BinaryIO) -> None:
    """Bring a written file to the disk."""
    file.flush()
    os.fsync(file.fileno())


def move_into_place(staged: Path, final: Path) -> None:
    """Rename a finished file or folder over ``final``: there is never half of it to be seen.

    A folder cannot be renamed over another one, so the old one steps aside first.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    aside = staged.with_name(staged.name + ".old")
    if final.is_dir() and not final.is_symlink():
        remove(aside)
        final.rename(aside)
    staged.replace(final)
    flush_folder(final.parent)
    remove(aside)


def flush_folder(folder: Path) -> None:
    """Make renames in ``folder`` survive a power cut, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, text: str) -> None:
    """Replace a small text file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(path.name + ".new")
    with staged.open("wb") as file:
        file.write(text.encode("utf-8"))
        flush(file)
    move_into_place(staged, path)


def remove(path: Path) -> None:
    """Delete a file or a folder; nothing happens if it is not there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def free_bytes(folder: Path) -> int:
    """Room on the disk that holds ``folder``, which need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def require_room(folder: Path, needed_bytes: int, free: int) -> None:
    """Refuse early what could not be finished.

    Raises:
        Missing: There is not enough room.
    """
    if free < needed_bytes + SPARE_BYTES:
        raise Missing(
            f"{readable(needed_bytes + SPARE_BYTES)} are needed, {readable(free)} are free.",
            where=folder,
            remedy="Make room on that disk and try again.",
        )


@contextlib.contextmanager
def disk_faults(folder: Path) -> Iterator[None]:
    """Turn a full, read-only or vanished disk into a message for the technician."""
    try:
        yield
    except OSError as fault:
        if fault.errno == errno.ENOSPC:
            remedy = "The disk is full: make room and try again; nothing half-done is in use."
        else:
            remedy = "Check that this folder exists and may be written."
        reason = fault.strerror or str(fault)
        raise Missing(f"{reason}.", where=fault.filename or folder, remedy=remedy) from fault


def readable(size_bytes: int) -> str:
    """Bytes for people: 41.2 MB."""
    if size_bytes >= 1_000_000_000:
        return f"{size_bytes / 1e9:.1f} GB"
    if size_bytes >= 1_000_000:
        return f"{size_bytes / 1e6:.1f} MB"
    return f"{size_bytes / 1e3:.0f} kB"

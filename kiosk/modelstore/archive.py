"""Unpacking a downloaded archive as if it came from an enemy.

Only names that a model may hold leave the archive; anything that points outside, is not a plain
file, or grows out of proportion refuses the whole archive before a byte is used.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from kiosk.errors import ModelBroken
from kiosk.modelstore.files import Fingerprint, copy_limited
from kiosk.modelstore.manifest import PLAIN_NAME

MAX_ENTRIES = 4096
MAX_TOTAL_BYTES = 16 << 30
MAX_RATIO = 30
"""Unpacked bytes for each packed one. Vosk's graphs reach 4, its text files 10."""
RATIO_FREE_BYTES = 1 << 20
"""Small archives may be compressed as well as they like."""

UNSAFE_IN_NAME = re.compile(r"[\\:\x00-\x1f]")
"""Separators and drive letters of other systems, and control characters."""

VOSK_FOLDERS = frozenset({"am", "conf", "graph", "ivector", "rescore", "rnnlm"})
VOSK_FILES = frozenset({"README", "README.md", "LICENSE"})


def unpack_zip(archive: Path, folder: Path) -> dict[str, Fingerprint]:
    """Unpack a Vosk model.

    Args:
        archive: The zip file, already checked against its hash where one is known.
        folder: New folder to unpack into; the archive's single top folder is taken off.

    Returns:
        Fingerprint of every file, by its path below ``folder`` with forward slashes.

    Raises:
        ModelBroken: The archive is damaged, or holds something that no model holds.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            members = _members(packed.infolist(), archive)
            folder.mkdir(parents=True)
            done: dict[str, Fingerprint] = {}
            for inner, entry in members:
                target = folder.joinpath(*inner.parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(entry) as source:
                    done[str(inner)] = copy_limited(
                        source,  # type: ignore[arg-type]  # IO[bytes] that only reads
                        target,
                        limit_bytes=entry.file_size,
                    )
            return done
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as fault:
        raise _refused(archive, f"it is damaged ({fault})") from fault


def _members(
    entries: Iterable[zipfile.ZipInfo], archive: Path
) -> list[tuple[PurePosixPath, zipfile.ZipInfo]]:
    """The entries to unpack, each with its path below the top folder."""
    files = [(_safe_path(entry, archive), entry) for entry in entries]
    if len(files) > MAX_ENTRIES:
        raise _refused(archive, f"it holds {len(files)} entries, more than {MAX_ENTRIES}")
    plain = [(path, entry) for path, entry in files if _is_plain(path) and not entry.is_dir()]
    tops = {path.parts[0] for path, _ in plain}
    if len(tops) == 1 and all(len(path.parts) > 1 for path, _ in plain):
        plain = [(PurePosixPath(*path.parts[1:]), entry) for path, entry in plain]
    kept = [(path, entry) for path, entry in plain if _belongs_to_model(path)]
    if not kept:
        raise _refused(archive, "it holds no model")
    names = [str(path).lower() for path, _ in kept]  # some file systems fold case
    if len(set(names)) < len(names):
        raise _refused(archive, "it holds the same name twice")
    total = sum(entry.file_size for _, entry in kept)
    allowed = min(MAX_TOTAL_BYTES, RATIO_FREE_BYTES + MAX_RATIO * archive.stat().st_size)
    if total > allowed:
        raise _refused(archive, f"it would grow to {total} bytes")
    return kept


def _safe_path(entry: zipfile.ZipInfo, archive: Path) -> PurePosixPath:
    mode = entry.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(archive, f"'{entry.filename}' is a link or a device")
    if entry.flag_bits & 1:
        raise _refused(archive, f"'{entry.filename}' is encrypted")
    parts = entry.filename.rstrip("/").split("/")
    if any(part in ("", ".", "..") or UNSAFE_IN_NAME.search(part) for part in parts):
        raise _refused(archive, f"'{entry.filename}' points outside")
    return PurePosixPath(*parts)


def _is_plain(path: PurePosixPath) -> bool:
    """False for what packers leave behind, such as ``__MACOSX/._README``: it is skipped."""
    return all(PLAIN_NAME.fullmatch(part) for part in path.parts)


def _belongs_to_model(path: PurePosixPath) -> bool:
    if len(path.parts) == 1:
        return path.name in VOSK_FILES
    return path.parts[0] in VOSK_FOLDERS


def _refused(archive: Path, reason: str) -> ModelBroken:
    return ModelBroken(
        f"refused: {reason}.",
        where=archive.name,
        remedy="Nothing was installed; fetch it again, and report it if it stays so.",
    )

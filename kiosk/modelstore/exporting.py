"""Copying installed models to a stick."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from kiosk.errors import Missing, ModelBroken
from kiosk.modelstore import files
from kiosk.modelstore.files import Progress, no_progress
from kiosk.modelstore.record import Record, StoredFile, read_record
from kiosk.modelstore.stick import INDEX, Index, require_same
from kiosk.modelstore.store import Store

REMEDY = "Fetch the model again, then export."


def export_models(
    store: Store, names: Collection[str], target: Path, *, progress: Progress = no_progress
) -> tuple[str, ...]:
    """Copy installed models to a stick; each file is hashed on the way.

    Args:
        store: Where they are installed.
        names: Which ones; empty for all.
        target: A folder, made if needed, or a file that ends with ``.tar``.
        progress: Told about the bytes of all files together.

    Returns:
        Names of the models that are on the stick now.

    Raises:
        BadInput: A name is unknown.
        Missing: Nothing to export, no room, or the stick cannot be written.
        ModelBroken: An installed file is not what was recorded.
    """
    records = _records(store, names)
    total = sum(item.size for record in records for item in record.files)
    index = Index(version=1, models=records).model_dump_json(indent=2).encode()
    with files.disk_faults(target):
        files.require_room(target, total, store.free_bytes(target))
        if target.suffix == ".tar":
            _export_tar(store, records, index, target, progress, total)
        else:
            _export_folder(store, records, index, target, progress, total)
    return tuple(record.name for record in records)


def _records(store: Store, names: Collection[str]) -> tuple[Record, ...]:
    wanted = [store.manifest.find(name) for name in names] or list(store.manifest.model)
    records = []
    for model in wanted:
        record = read_record(store.root, model.name)
        if record is not None:
            records.append(record)
        elif names:
            raise Missing(
                f"'{model.name}' is not installed.",
                remedy=f"Run `kiosk models fetch {model.name}` first.",
            )
    if not records:
        raise Missing("No model is installed, so there is nothing to export.")
    return tuple(records)


def _export_folder(
    store: Store,
    records: tuple[Record, ...],
    index: bytes,
    target: Path,
    progress: Progress,
    total: int,
) -> None:
    done = 0
    for record in records:
        for item in record.files:
            final = target / item.path
            final.parent.mkdir(parents=True, exist_ok=True)
            staged = final.with_name(final.name + ".new")
            files.remove(staged)
            with _installed(store, item) as source:
                copied = files.copy_limited(
                    source,
                    staged,
                    limit_bytes=item.size,
                    progress=files.after(done, total, progress),
                )
            require_same(copied, item, REMEDY)
            files.move_into_place(staged, final)
            done += item.size
    files.write_atomically(target / INDEX, index.decode())


def _export_tar(
    store: Store,
    records: tuple[Record, ...],
    index: bytes,
    target: Path,
    progress: Progress,
    total: int,
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.with_name(target.name + ".new")
    done = 0
    try:
        with staged.open("wb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
                archive.addfile(_member(INDEX, len(index)), io.BytesIO(index))
                for record in records:
                    for item in record.files:
                        require_same(
                            files.fingerprint(store.root / item.path),
                            item,
                            REMEDY,
                        )
                        with _installed(store, item) as source:
                            archive.addfile(_member(item.path, item.size), source)
                        done += item.size
                        progress(done, total)
            files.flush(out)
        files.move_into_place(staged, target)
    finally:
        files.remove(staged)


def _member(name: str, size: int) -> tarfile.TarInfo:
    """A plain entry that says nothing about this machine or its users."""
    member = tarfile.TarInfo(name)
    member.size = size
    return member


@contextlib.contextmanager
def _installed(store: Store, item: StoredFile) -> Iterator[BinaryIO]:
    path = store.root / item.path
    try:
        source = path.open("rb")
    except FileNotFoundError as fault:
        raise ModelBroken("is missing.", where=path, remedy=REMEDY) from fault
    with source:
        yield source

"""Installing models from a stick, or from a file that the operator brought."""

from __future__ import annotations

import contextlib
import json
import tarfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from pydantic import ValidationError

from kiosk.errors import BadInput, Missing, ModelBroken
from kiosk.modelstore import files
from kiosk.modelstore.download import check
from kiosk.modelstore.files import Progress, no_progress
from kiosk.modelstore.manifest import Download, Model
from kiosk.modelstore.record import Record, read_record
from kiosk.modelstore.stick import INDEX, MAX_INDEX_BYTES, Index, require_same
from kiosk.modelstore.store import Store


@dataclass(frozen=True, slots=True)
class Imported:
    """What ``import_models`` did.

    Attributes:
        names: Models installed now.
        already_there: Models that were the same already.
        first_use: Files whose hash no publisher had given, with the SHA-256 recorded now.
    """

    names: tuple[str, ...]
    already_there: tuple[str, ...]
    first_use: dict[str, str]


class _Carrier(Protocol):
    """A folder or an archive to read from."""

    def open(self, path: str) -> contextlib.AbstractContextManager[BinaryIO]: ...


def import_models(
    store: Store,
    source: Path,
    *,
    accepted: Collection[str] = (),
    progress: Progress = no_progress,
) -> Imported:
    """Install models from a stick.

    Args:
        store: Where to install them.
        source: A folder or ``.tar`` made by ``export_models``, or a single file as its publisher
            offers it, named as in the manifest.
        accepted: Names of models whose special terms the operator acknowledges.
        progress: Told about the bytes of all files together.

    Raises:
        BadInput: Not such a folder or file, an unknown model, or terms not acknowledged.
        Missing: The source is not there, or there is no room.
        ModelBroken: A file is damaged; models before it in the index stay installed.
    """
    if not source.exists():
        raise Missing("There is no such file or folder.", where=source)
    if source.is_dir():
        return _import_from(store, _Folder(source), source, accepted, progress)
    if source.suffix == ".tar":
        try:
            with tarfile.open(source, mode="r:") as archive:
                return _import_from(store, _Tar(archive), source, accepted, progress)
        except tarfile.TarError as fault:
            raise ModelBroken(
                f"cannot be read ({fault}).", where=source, remedy="Export it again."
            ) from fault
    return _import_file(store, source, accepted)


def _import_from(
    store: Store, carrier: _Carrier, source: Path, accepted: Collection[str], progress: Progress
) -> Imported:
    index = _read_index(carrier, source)
    models = [store.manifest.find(record.name) for record in index.models]
    for model, record in zip(models, index.models, strict=True):
        store.require_licence(model, accepted)
        _require_described(model, record, source)
    total = sum(item.size for record in index.models for item in record.files)
    names, already_there = [], []
    first_use: dict[str, str] = {}
    done = 0
    for model, record in zip(models, index.models, strict=True):
        size = sum(item.size for item in record.files)
        if _is_same(store, record):
            already_there.append(record.name)
        else:
            store.require_room(size)
            with files.disk_faults(store.root):
                first_use |= _import_record(
                    store, carrier, model, record, files.after(done, total, progress)
                )
            names.append(record.name)
        done += size
    return Imported(tuple(names), tuple(already_there), first_use)


def _read_index(carrier: _Carrier, source: Path) -> Index:
    remedy = "Give the folder or .tar that `kiosk models export` wrote."
    try:
        with carrier.open(INDEX) as file:
            text = file.read(MAX_INDEX_BYTES + 1)
    except FileNotFoundError as fault:
        raise BadInput(f"There is no {INDEX} in it.", where=source, remedy=remedy) from fault
    try:
        if len(text) > MAX_INDEX_BYTES:
            raise ValueError("it is too long")
        return Index.model_validate(json.loads(text), strict=False)
    except (ValueError, ValidationError, RecursionError) as fault:
        reason = str(fault).splitlines()[0]
        raise BadInput(
            f"{INDEX} is not an index ({reason}).", where=source, remedy=remedy
        ) from fault


def _require_described(model: Model, record: Record, source: Path) -> None:
    """Refuse files that do not make up the model, or whose known hash is another one."""
    remedy = "Nothing of this model was installed."
    wanted = {file.save_as: file for file in model.files}
    if lacking := wanted.keys() - {item.path.partition("/")[0] for item in record.files}:
        raise ModelBroken(f"lacks {', '.join(sorted(lacking))}.", where=source, remedy=remedy)
    for item in record.files:
        file = wanted.get(item.path.partition("/")[0])
        packed = "/" in item.path
        if file is None or packed != bool(file.unpack):
            reason = f"'{item.path}' does not belong to {model.name}."
        elif not packed and file.sha256 not in (None, item.sha256):
            reason = f"'{item.path}' is not the file that its publisher offers."
        else:
            continue
        raise ModelBroken(reason, where=source, remedy=remedy)


def _is_same(store: Store, record: Record) -> bool:
    there = read_record(store.root, record.name)
    model = store.manifest.find(record.name)
    return there is not None and set(there.files) == set(record.files) and store.is_intact(model)


def _import_record(
    store: Store, carrier: _Carrier, model: Model, record: Record, progress: Progress
) -> dict[str, str]:
    """Copy one model beside its place, check every file, then move it in.

    Returns:
        First-use hashes, as in ``Imported``.
    """
    plain = {file.save_as: file for file in model.files if not file.unpack}
    hashes = {item.path: item.sha256 for item in record.files}
    first_use = {
        file.save_as: hashes.get(file.save_as) or record.first_use[file.save_as]
        for file in model.files
        if file.sha256 is None and file.save_as in hashes.keys() | record.first_use.keys()
    }
    store.require_as_at_first_use(model, first_use)
    stage = store.staging() / f"{record.name}.import"
    files.remove(stage)
    done = 0
    try:
        for item in record.files:
            target = stage / item.path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with carrier.open(item.path) as source:
                    found = files.copy_limited(source, target, limit_bytes=item.size)
            except FileNotFoundError as fault:
                raise ModelBroken(
                    "is in the index but not there.", where=item.path, remedy="Export it again."
                ) from fault
            require_same(found, item, "Export it again, perhaps to another stick.")
            if item.path in plain and plain[item.path].sha256 is None:
                check(plain[item.path], target)  # by what its publisher does give: size, MD5
            done += item.size
            progress(done, None)
        tops = sorted({item.path.partition("/")[0] for item in record.files})
        own = Record(
            name=record.name,
            files=record.files,
            first_use=first_use,
            licence_accepted=model.acknowledge,
        )
        store.put_in_place({stage / top: store.root / top for top in tops}, own)
    finally:
        files.remove(stage)
    return first_use


def _import_file(store: Store, source: Path, accepted: Collection[str]) -> Imported:
    """Install a single download that the operator brought, with its neighbours where needed."""
    model = _model_of(store, source)
    store.require_licence(model, accepted)
    given: dict[Download, Path] = {}
    for file in model.files:
        path = source.with_name(_published_name(file))
        if not path.is_file():
            raise Missing(
                f"'{model.name}' also needs {path.name}.",
                where=source.parent,
                remedy="Put both files into one folder.",
            )
        given[file] = path
    first_use = store.adopt(model, given)
    return Imported((model.name,), (), first_use)


def _model_of(store: Store, source: Path) -> Model:
    for model in store.manifest.model:
        if source.name in {_published_name(file) for file in model.files}:
            return model
    raise BadInput(
        "No model of the manifest has a file of this name.",
        where=source,
        remedy="Give a folder or .tar made by `kiosk models export`, or a file named as its "
        "publisher names it (`kiosk models list`).",
    )


def _published_name(file: Download) -> str:
    """Last part of the url: the name under which a browser saves the file."""
    return file.url.rpartition("/")[2] if file.url else file.save_as


class _Folder:
    """Reads from a folder, and from nowhere else: links on the stick are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        file = self._folder / path
        steps = [file, *file.parents[: path.count("/")]]
        if any(step.is_symlink() for step in steps) or not file.is_file():
            raise FileNotFoundError(path)
        with file.open("rb") as opened:
            yield opened


class _Tar:
    """Reads plain members of an uncompressed archive by name; nothing is ever extracted."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        try:
            member = self._archive.getmember(path)
        except KeyError as fault:
            raise FileNotFoundError(path) from fault
        if not member.isreg():
            raise FileNotFoundError(path)
        opened = self._archive.extractfile(member)
        if opened is None:
            raise FileNotFoundError(path)
        with opened:
            yield opened  # type: ignore[misc]  # IO[bytes] that only reads

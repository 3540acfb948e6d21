"""How a model gets into the models folder: fetched or adopted, checked, unpacked, recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk import paths
from kiosk.errors import BadInput, Missing, ModelBroken
from kiosk.modelstore import files
from kiosk.modelstore.archive import unpack_zip
from kiosk.modelstore.download import check, download, forget
from kiosk.modelstore.files import Fingerprint, Progress, no_progress
from kiosk.modelstore.inventory import Inventory
from kiosk.modelstore.manifest import Download, Manifest, Model, load_manifest
from kiosk.modelstore.record import Record, StoredFile, read_record, write_record

UNPACKED_FACTOR = 3
"""Room for an archive and what comes out of it, in sizes of the archive."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What ``fetch`` did.

    Attributes:
        already_there: Nothing had to be done.
        first_use: Downloads without a published hash, with the SHA-256 recorded now.
    """

    model: Model
    already_there: bool
    first_use: dict[str, str]


class Store(Inventory):
    """Aim: nothing is ever seen in the models folder that was not checked as a whole before.

    Everything is made in a hidden folder on the same disk and renamed when it is complete; a record
    with the hash of every file is written last. No method may run twice at the same time on one
    folder.
    """

    def __init__(
        self,
        root: Path,
        manifest: Manifest,
        *,
        shipped: Path | None = None,
        free_bytes: Callable[[Path], int] = files.free_bytes,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Args:
        root: Models folder of this machine; made when something is installed.
        manifest: What is known.
        shipped: Folder of the models that came with the kiosk; None to leave them out.
        free_bytes: Tells the room on the disk of a folder.
        pause: Waits, in seconds, between attempts to download.
        """
        super().__init__(root, manifest, shipped=shipped)
        self.free_bytes = free_bytes
        self._pause = pause

    def fetch(
        self, name: str, *, accepted: Collection[str] = (), progress: Progress = no_progress
    ) -> Fetched:
        """Download, check, unpack and install one model.

        Args:
            name: Model of the manifest.
            accepted: Names of models whose special terms the operator acknowledges.
            progress: Told about every block of every file.

        Raises:
            BadInput: Unknown name, or terms not acknowledged.
            Missing: No network, no room, or the files cannot be fetched by a program.
            ModelBroken: What arrived is not what the manifest describes.
        """
        model = self.manifest.find(name)
        self.require_licence(model, accepted)
        if self.is_intact(model):
            return Fetched(model, already_there=True, first_use={})
        if any(file.url is None for file in model.files):
            raise Missing(
                f"'{name}' cannot be fetched by a program.", remedy=model.by_hand or model.about
            )
        staging = self.staging()
        self.require_room(
            sum((file.size or 0) * (UNPACKED_FACTOR if file.unpack else 1) for file in model.files)
        )
        with files.disk_faults(self.root):
            parts = {}
            for file in model.files:
                part = staging / f"{file.save_as}.part"
                parts[file] = (
                    part,
                    download(file, part, progress=progress, pause=self._pause),
                )
            return Fetched(model, already_there=False, first_use=self._install(model, parts))

    def adopt(self, model: Model, given: dict[Download, Path]) -> dict[str, str]:
        """Install a model from files that the operator brought, checked like downloads.

        Args:
            model: Model of the manifest, its terms acknowledged.
            given: A file for each of the model's downloads; they are copied, not moved.

        Returns:
            First-use hashes, as in ``Fetched``.

        Raises:
            Missing: No room.
            ModelBroken: A file is not what the manifest describes.
        """
        self.require_room(sum(path.stat().st_size for path in given.values()) * UNPACKED_FACTOR)
        staging = self.staging()
        with files.disk_faults(self.root):
            parts = {}
            for file, path in given.items():
                part = staging / f"{file.save_as}.part"
                forget(part)
                with path.open("rb") as source:
                    files.copy_limited(source, part, limit_bytes=path.stat().st_size)
                parts[file] = (part, check(file, part))
            return self._install(model, parts)

    def _install(
        self, model: Model, parts: dict[Download, tuple[Path, Fingerprint]]
    ) -> dict[str, str]:
        first_use = {
            file.save_as: found.sha256 for file, (_, found) in parts.items() if file.sha256 is None
        }
        try:
            self.require_as_at_first_use(model, first_use)
        except ModelBroken:
            for part, _ in parts.values():
                forget(part)
            raise
        staged: dict[Path, Path] = {}
        stored: list[StoredFile] = []
        for file, (part, found) in parts.items():
            if file.unpack:
                folder = self.staging() / f"{file.save_as}.unpacked"
                files.remove(folder)
                try:
                    inside = unpack_zip(part, folder)
                except ModelBroken:
                    files.remove(folder)
                    forget(part)
                    raise
                forget(part)
                staged[folder] = self.root / file.save_as
                stored += [_stored(f"{file.save_as}/{path}", its) for path, its in inside.items()]
            else:
                staged[part] = self.root / file.save_as
                stored.append(_stored(file.save_as, found))
        record = Record(
            name=model.name,
            files=tuple(stored),
            first_use=first_use,
            licence_accepted=model.acknowledge,
        )
        self.put_in_place(staged, record)
        return first_use

    def require_as_at_first_use(self, model: Model, found: Mapping[str, str]) -> None:
        """Compare hashes that no publisher vouches for with those recorded on this machine.

        Args:
            model: Model they belong to.
            found: SHA-256 by the name of the download.

        Raises:
            ModelBroken: One differs.
        """
        earlier = read_record(self.root, model.name)
        recorded = earlier.first_use if earlier else {}
        for saved, sha256 in found.items():
            if recorded.get(saved, sha256) != sha256:
                raise ModelBroken(
                    f"differs from the file recorded at first use ({recorded[saved]}).",
                    where=saved,
                    remedy="Ask its publisher whether it was changed; to trust the new one, "
                    f"delete the record of {model.name} in {self.root}.",
                )

    def put_in_place(self, staged: dict[Path, Path], record: Record) -> None:
        """Move complete, checked files to where they are used, then write the record."""
        for source, final in staged.items():
            files.move_into_place(source, final)
            forget(source)
        write_record(self.root, record)

    def staging(self) -> Path:
        """Hidden folder on the same disk, where things are made before they are moved."""
        folder = self.root / ".partial"
        with files.disk_faults(self.root):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def require_room(self, needed_bytes: int) -> None:
        """Raise ``Missing`` unless the disk can hold that much more."""
        files.require_room(self.root, needed_bytes, self.free_bytes(self.root))

    def require_licence(self, model: Model, accepted: Collection[str]) -> None:
        """Raise ``BadInput`` if the model's terms need an acknowledgement that is not there."""
        if model.acknowledge and model.name not in accepted:
            raise BadInput(
                f"'{model.name}' has terms that the kiosk does not accept for you: "
                f"{model.licence}. {model.conditions}",
                remedy=f"If they allow your use, add `--accept-licence {model.name}`.",
            )


def open_store() -> Store:
    """The store of this machine, with the manifest that ships with the kiosk."""
    return Store(paths.installed_models_dir(), load_manifest(), shipped=paths.builtin_models_dir())


def _stored(path: str, found: Fingerprint) -> StoredFile:
    return StoredFile(path=path, size=found.size, sha256=found.sha256)

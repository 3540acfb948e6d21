"""What is in the models folder of this machine, and whether it is still what was put there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.errors import Missing
from kiosk.modelstore import files
from kiosk.modelstore.files import Fingerprint
from kiosk.modelstore.manifest import Manifest, Model, Shipped
from kiosk.modelstore.record import StoredFile, read_record

Status = Literal["built-in", "installed", "available", "by hand", "broken"]


@dataclass(frozen=True, slots=True)
class ModelState:
    """One line of `kiosk models list`.

    Attributes:
        name: Model, or path of a shipped file.
        status: ``available`` can be fetched, ``by hand`` cannot, ``broken`` must be fetched again.
        size: Bytes, 0 if unknown.
        detail: What is wrong, or empty.
    """

    name: str
    kind: str
    status: Status
    size: int
    licence: str
    conditions: str
    about: str
    use: str
    detail: str = ""


class Inventory:
    """Read-only view of the installed and the shipped models."""

    def __init__(self, root: Path, manifest: Manifest, *, shipped: Path | None = None) -> None:
        """Args:
        root: Models folder of this machine; it need not exist.
        manifest: What is known.
        shipped: Folder of the models that came with the kiosk; None to leave them out.
        """
        self.root = root
        self.manifest = manifest
        self._shipped = shipped

    def states(self) -> tuple[ModelState, ...]:
        """State of every model; sizes are compared, hashes are not (see ``verify``)."""
        shipped = self.manifest.shipped if self._shipped else ()
        return (
            *(self._shipped_state(item) for item in shipped),
            *(self.state(model) for model in self.manifest.model),
        )

    def _shipped_state(self, item: Shipped) -> ModelState:
        file = (self._shipped or Path()) / item.path
        fault = ""
        if not file.is_file():
            fault = "missing"
        elif file.stat().st_size != item.size:
            fault = "has another size"
        return ModelState(
            name=item.path,
            kind=item.kind,
            status="broken" if fault else "built-in",
            size=item.size,
            licence=item.licence,
            conditions="",
            about=item.about,
            use="",
            detail=fault,
        )

    def state(self, model: Model) -> ModelState:
        """State of one model of the manifest."""
        detail = ""
        record = read_record(self.root, model.name)
        if record is not None:
            wrong = [item.path for item in record.files if not self._has_size(item)]
            status: Status = "broken" if wrong else "installed"
            detail = f"missing or cut short: {', '.join(wrong[:3])}" if wrong else ""
        elif any((self.root / file.save_as).exists() for file in model.files):
            status, detail = "broken", "has no readable record of what was installed"
        else:
            status = "by hand" if any(file.url is None for file in model.files) else "available"
        return ModelState(
            name=model.name,
            kind=model.kind,
            status=status,
            size=model.size,
            licence=model.licence,
            conditions=model.conditions,
            about=model.about,
            use=model.use,
            detail=detail,
        )

    def verify(self, names: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
        """Hash every file of the models named, or of all that are there.

        Returns:
            For each model checked, what is wrong with it; an empty tuple if nothing is.

        Raises:
            BadInput: A name is unknown.
            Missing: A named model is not installed.
        """
        shipped = {item.path: item for item in self.manifest.shipped} if self._shipped else {}
        if not names:
            there = [model.name for model in self.manifest.model if self._is_there(model)]
            names = [*shipped, *there]
        found: dict[str, tuple[str, ...]] = {}
        for name in names:
            if name in shipped and self._shipped is not None:
                item = shipped[name]
                expected = Fingerprint(item.size, item.sha256)
                fault = _difference(self._shipped / name, name, expected)
                found[name] = (fault,) if fault else ()
            else:
                found[name] = self._verify_installed(self.manifest.find(name))
        return found

    def _verify_installed(self, model: Model) -> tuple[str, ...]:
        record = read_record(self.root, model.name)
        if record is None and not self._is_there(model):
            raise Missing(
                f"'{model.name}' is not installed.",
                remedy=f"Run `kiosk models fetch {model.name}`.",
            )
        if record is None:
            return ("there is no readable record of what was installed; fetch it again",)
        faults = (
            _difference(self.root / item.path, item.path, item.fingerprint) for item in record.files
        )
        return tuple(fault for fault in faults if fault)

    def is_intact(self, model: Model) -> bool:
        """Whether the model is installed and every file has the hash recorded then."""
        return self.state(model).status == "installed" and not self._verify_installed(model)

    def _is_there(self, model: Model) -> bool:
        return self.state(model).status in ("installed", "broken")

    def _has_size(self, item: StoredFile) -> bool:
        path = self.root / item.path
        return path.is_file() and path.stat().st_size == item.size


def _difference(file: Path, name: str, expected: Fingerprint) -> str:
    if not file.is_file():
        return f"{name} is missing"
    return "" if files.fingerprint(file) == expected else f"{name} was changed or is damaged"

"""What this machine knows about an installed model: a small JSON beside the models.

One file for each model, so that a damaged one concerns that model only.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.modelstore.files import Fingerprint, write_atomically
from kiosk.modelstore.manifest import Sha256, StoredPath


class StoredFile(BaseModel):
    """One file of an installed or exported model.

    Attributes:
        path: Below the models folder, with forward slashes.
        size: Bytes.
        sha256: Of the file as it lies there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    path: StoredPath
    size: int = Field(ge=0)
    sha256: Sha256

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(self.size, self.sha256)


class Record(BaseModel):
    """One installed model.

    Attributes:
        name: As in the manifest.
        files: Every file of it, unpacked.
        first_use: Names of downloads whose hash nobody had published, with the SHA-256 found
            then; a later download must bring the same.
        licence_accepted: The operator acknowledged special terms.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str
    files: tuple[StoredFile, ...] = Field(min_length=1, strict=False)
    first_use: dict[str, Sha256] = Field(default_factory=dict)
    licence_accepted: bool = False


RECORDS_FOLDER = ".records"


def record_path(root: Path, name: str) -> Path:
    return root / RECORDS_FOLDER / f"{name}.json"


def write_record(root: Path, record: Record) -> None:
    write_atomically(record_path(root, record.name), record.model_dump_json(indent=2) + "\n")


def read_record(root: Path, name: str) -> Record | None:
    """The record of a model; None if there is none that can be read."""
    try:
        text = record_path(root, name).read_text(encoding="utf-8")
        return Record.model_validate_json(text)
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, ValidationError):
        return None  # as good as none: the state says "broken" as soon as files are there

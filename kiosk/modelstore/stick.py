"""Models on a USB stick: a folder, or one .tar, that carries an index with the hash of every file.

The index tells whether everything arrived whole. It is not a signature: only a model whose hash is
in this machine's own manifest is known to be the publisher's, whoever carried it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from kiosk.errors import ModelBroken
from kiosk.modelstore.files import Fingerprint
from kiosk.modelstore.record import Record, StoredFile

INDEX = "kiosk-models.json"
MAX_INDEX_BYTES = 4 << 20


class Index(BaseModel):
    """What a stick carries, as written in ``kiosk-models.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    version: Literal[1]
    models: tuple[Record, ...]


def require_same(found: Fingerprint, item: StoredFile, remedy: str) -> None:
    """Raise ``ModelBroken`` unless a file is what its index or record says."""
    if found != item.fingerprint:
        raise ModelBroken("is damaged, or was changed.", where=item.path, remedy=remedy)

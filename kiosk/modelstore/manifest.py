"""models/manifest.toml: every model the kiosk knows, where it comes from and on what terms."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from kiosk import paths
from kiosk.errors import BadInput

Kind = Literal["asr", "voice", "chat", "embedding", "face", "lips", "portrait"]

#: One component of a stored path. Nothing hidden, nothing that a shell or Windows would misread.
PLAIN_NAME = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9._+-]{0,127}")

Name = Annotated[str, StringConstraints(pattern=rf"^{PLAIN_NAME.pattern}$")]
StoredPath = Annotated[
    str, StringConstraints(pattern=rf"^{PLAIN_NAME.pattern}(/{PLAIN_NAME.pattern})*$")
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]

# Plain HTTP is for a mirror on the same machine, and for tests.
Url = Annotated[str, StringConstraints(pattern=r"^(https://|http://127\.0\.0\.1[:/])\S+$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Download(_Table):
    """One file as its publisher offers it."""

    save_as: Name = Field(description="Name in the models folder; a folder if it is unpacked.")
    url: Url | None = Field(None, description="None: cannot be fetched by a program.")
    size: int | None = Field(None, gt=0, description="Bytes; None if the publisher names none.")
    sha256: Sha256 | None = Field(None, description="None: recorded at first use.")
    md5: Md5 | None = Field(None, description="Where the publisher gives only this.")
    unpack: Literal["", "zip"] = Field("", description="How the file is packed.")


class Model(_Table):
    """One model: what it does, its terms and its files."""

    name: Name = Field(description="What `kiosk models fetch` takes.")
    kind: Kind
    about: str = Field(min_length=1, description="One line for whoever chooses.")
    licence: str = Field(min_length=1, description="SPDX identifier, or a few words.")
    conditions: str = Field("", description="What the operator must know or do.")
    acknowledge: bool = Field(False, description="Terms must be accepted by name first.")
    by_hand: str = Field("", description="How to get files that have no url.")
    use: str = Field(min_length=1, description="What to write in persona.toml, as `key = value`.")
    files: tuple[Download, ...] = Field(min_length=1, strict=False)

    @property
    def size(self) -> int:
        """Bytes to download, as far as known."""
        return sum(file.size or 0 for file in self.files)


class Shipped(_Table):
    """A file that comes with the kiosk, under models/."""

    path: StoredPath
    kind: Kind
    about: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    size: int = Field(gt=0, description="Bytes.")
    sha256: Sha256


class Manifest(_Table):
    """The whole file; names are unique."""

    version: Literal[1]
    shipped: tuple[Shipped, ...] = Field((), strict=False)
    model: tuple[Model, ...] = Field((), strict=False)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [model.name for model in self.model]
        saved = [file.save_as for model in self.model for file in model.files]
        for value in (names, saved):
            if doubled := sorted({item for item in value if value.count(item) > 1}):
                raise ValueError(f"used twice: {', '.join(doubled)}")
        return self

    def find(self, name: str) -> Model:
        """The model of that name, or the one that is stored under it, as persona.toml names it.

        Raises:
            BadInput: There is none; the message says which name was probably meant.
        """
        for model in self.model:
            if name in (model.name, *(file.save_as for file in model.files)):
                return model
        close = difflib.get_close_matches(name, [model.name for model in self.model], n=1)
        hint = f"Did you mean {close[0]}?" if close else "See `kiosk models list`."
        raise BadInput(f"There is no model named '{name}'.", remedy=hint)


def load_manifest(path: Path | None = None) -> Manifest:
    """Read the manifest.

    Args:
        path: The TOML file; None for the one that ships with the kiosk.

    Raises:
        BadInput: It cannot be read, or breaks its own rules; every problem is named.
    """
    path = path or paths.builtin_models_dir() / "manifest.toml"
    remedy = "Restore the file from the kiosk's own copy."
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BadInput(f"cannot be read: {fault}.", where=path, remedy=remedy) from fault
    except ValidationError as fault:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
            for error in fault.errors()
        )
        raise BadInput(f"{problems}.", where=path, remedy=remedy) from fault

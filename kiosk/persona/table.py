"""What the tables of both TOML files, persona.toml and site.toml, are made of."""

from __future__ import annotations

import re

from pydantic import AfterValidator, BaseModel, ConfigDict


class Table(BaseModel):
    """Base of every table: immutable, no unknown keys, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def written_as(pattern: str, meaning: str) -> AfterValidator:
    """A text of a certain form.

    Args:
        pattern: Regular expression for the whole text.
        meaning: What staff read if it does not match; completes "this must be ...".
    """

    def validate(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"this must be {meaning}")
        return text

    return AfterValidator(validate)

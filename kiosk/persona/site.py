"""What belongs to the machine and not to the persona: site.toml in the configuration folder."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from datetime import datetime, time
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from kiosk import paths
from kiosk.errors import SiteError
from kiosk.persona.strict_toml import load_strict
from kiosk.persona.table import Table, written_as

SITE_FILE = "site.toml"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_HOURS = r"(?:closed|(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00))"
_PIN = r"scrypt\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}="
_DAY_END = "24:00"
# What buttons with a USB keyboard encoder can be set to type; the window knows these by name.
_KEY = (
    r"[a-z0-9]|f(?:[1-9]|[12]\d|3[0-5])|space|enter|tab|backspace|insert|delete|home|end|pageup|"
    r"pagedown|left|right|up|down|pause"
)


def _begins_before_it_ends(hours: str) -> str:
    opens, _, closes = hours.partition("-")
    if closes and opens >= closes:  # both are HH:MM, so text compares as time does
        raise ValueError("the kiosk would close before it opens")
    return hours


Hours = Annotated[
    str,
    written_as(_HOURS, "'closed' or times such as '09:30-17:00' (24 hours, '24:00' for midnight)"),
    AfterValidator(_begins_before_it_ends),
]


class Audio(Table):
    input: str = Field("", max_length=200, description="Microphone by name; empty: the system's.")
    output: str = Field("", max_length=200, description="Loudspeaker by name; empty: the system's.")
    volume: float = Field(0.9, ge=0.0, le=1.0, description="Volume at the start of a visit.")


class Screen(Table):
    orientation: Literal["auto", "landscape", "portrait"] = Field(
        "auto", description="'auto' follows the screen's own shape."
    )
    fullscreen: bool = Field(True, description="false: a window, for trying things out.")
    index: int = Field(0, ge=0, le=15, description="Which screen, counted from 0.")
    talk_key: Annotated[
        str, written_as(_KEY, "the name of a key, such as 'space', 'enter', 'k' or 'f13'")
    ] = Field(
        "space",
        description="Key that talks while it is held: what an arcade button at the USB port types. "
        "The space bar talks as well.",
    )


class Staff(Table):
    pin_hash: Annotated[str, written_as(rf"(?:{_PIN})?", "what `kiosk pin` printed")] = Field(
        "", description="The PIN with which staff leave the kiosk, as a hash; empty: no PIN."
    )


class OpeningHours(Table):
    monday: Hours = "00:00-24:00"
    tuesday: Hours = "00:00-24:00"
    wednesday: Hours = "00:00-24:00"
    thursday: Hours = "00:00-24:00"
    friday: Hours = "00:00-24:00"
    saturday: Hours = "00:00-24:00"
    sunday: Hours = "00:00-24:00"


class Storage(Table):
    keep_transcripts: bool = Field(
        False, description="Keep the text of questions and answers on this machine, for staff."
    )
    keep_questions: bool = Field(
        False,
        description="Keep questions without a good answer, with personal data blanked, for "
        "`kiosk persona review`.",
    )
    keep_days: int = Field(
        30, ge=1, le=365, description="Days after which what was kept is deleted."
    )


class Site(Table):
    """A whole site.toml; every key has a default."""

    format: Literal[1] = Field(1, description="Version of this file's layout.")
    audio: Audio = Audio()
    screen: Screen = Screen()
    staff: Staff = Staff()
    opening_hours: OpeningHours = OpeningHours()
    storage: Storage = Storage()
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much the log tells; it never holds speech."
    )
    threads: int = Field(
        0, ge=0, le=64, description="Processor threads for each model; 0: chosen by the kiosk."
    )

    def is_open(self, now: datetime) -> bool:
        """Whether the kiosk serves visitors at the local time ``now``."""
        hours: str = getattr(self.opening_hours, WEEKDAYS[now.weekday()])
        opens, _, closes = hours.partition("-")
        if not closes:
            return False
        return time.fromisoformat(opens) <= now.time() and (
            closes == _DAY_END or now.time() < time.fromisoformat(closes)
        )

    def pin_is_right(self, pin: str) -> bool:
        """Whether staff may pass; where no PIN is set, anybody at the keyboard is staff."""
        return not self.staff.pin_hash or check_pin(pin, self.staff.pin_hash)


def site_path() -> Path:
    """Where site.toml is looked for."""
    return paths.config_dir() / SITE_FILE


def load_site(path: Path | None = None) -> Site:
    """Aim: read the machine's settings; without a file, the defaults.

    Args:
        path: The file; None for ``site_path()``, which need not exist.

    Raises:
        SiteError: With every problem in the file; also if a named ``path`` is not there.
    """
    if path is None:
        path = site_path()
        if not path.exists():
            return Site()
    return load_strict(Path(path), Site, SiteError).content


def site_template() -> str:
    """A commented site.toml that changes nothing until it is edited."""
    return resources.files(__package__).joinpath("site.example.toml").read_text(encoding="utf-8")


def hash_pin(pin: str) -> str:
    """Aim: what site.toml keeps instead of the PIN: ``scrypt$salt$hash``, both in base64.

    Source: RFC 7914, with n=2**14, r=8, p=1 (about 50 ms and 16 MiB a try).
    """
    salt = os.urandom(16)
    parts = (base64.b64encode(part).decode("ascii") for part in (salt, _scrypt(pin, salt)))
    return "$".join(("scrypt", *parts))


def check_pin(pin: str, stored: str) -> bool:
    """Whether ``stored`` came from ``pin``, compared in constant time; False for a damaged hash."""
    scheme, _, rest = stored.partition("$")
    salt_text, _, hash_text = rest.partition("$")
    try:
        salt = base64.b64decode(salt_text, validate=True)
        expected = base64.b64decode(hash_text, validate=True)
    except (binascii.Error, ValueError):
        return False
    if scheme != "scrypt" or not expected:
        return False
    return hmac.compare_digest(_scrypt(pin, salt), expected)


def _scrypt(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode("utf-8"), salt=salt, n=2**14, r=8, p=1, dklen=32)

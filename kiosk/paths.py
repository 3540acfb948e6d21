"""Where things live: what ships with the kiosk, and the platform's own folders.

``KIOSK_HOME`` puts configuration, data, cache and logs under one folder: for tests, for a kiosk on
a stick, for two personas on one machine.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

APP = "persona-kiosk"


def _platform(kind: str, fallback: str) -> Path:
    home = os.environ.get("KIOSK_HOME")
    return Path(home) / kind if home else Path(fallback)


def shipped_dir() -> Path:
    """Folder that holds ``models/`` and ``persona.toml``: the checkout, or the frozen bundle."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen) if frozen else Path(__file__).resolve().parent.parent


def default_persona() -> Path:
    """The museum's own persona, beside site.toml, where there is one; else the one that ships.

    An installed kiosk's own folder belongs to the system and is replaced by the next version.
    """
    own = config_dir() / "persona.toml"
    return own if own.is_file() else shipped_dir() / "persona.toml"


def builtin_models_dir() -> Path:
    """Models that ship with the kiosk (read only)."""
    return shipped_dir() / "models"


def installed_models_dir() -> Path:
    """Models that ``kiosk models fetch`` and ``import`` put in place."""
    return _platform("data", platformdirs.user_data_dir(APP, appauthor=False)) / "models"


def data_dir() -> Path:
    """What the operator allowed to be kept."""
    return _platform("data", platformdirs.user_data_dir(APP, appauthor=False))


def config_dir() -> Path:
    """Holds site.toml."""
    return _platform("config", platformdirs.user_config_dir(APP, appauthor=False))


def cache_dir() -> Path:
    """Holds what can be made again: the built-in Vosk model, prepared lips."""
    return _platform("cache", platformdirs.user_cache_dir(APP, appauthor=False))


def log_dir() -> Path:
    """Holds rotating logs, which never contain speech."""
    return _platform("log", platformdirs.user_log_dir(APP, appauthor=False))

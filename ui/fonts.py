"""Typefaces that come with the installation, so that text shows on a bare machine."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtGui import QFontDatabase

_PACKAGES = {
    # Regular and semibold cover Latin and Cyrillic; the italics lack Cyrillic and stay out.
    "font_source_serif_pro": (
        "SourceSerifPro-Light.otf",
        "SourceSerifPro-Regular.otf",
        "SourceSerifPro-Semibold.otf",
    ),
    "font_source_sans_pro": (
        "SourceSansPro-Regular.otf",
        "SourceSansPro-Semibold.otf",
    ),
}


def load_fonts() -> frozenset[str]:
    """Make the packaged typefaces known to Qt.

    Returns:
        Families that are now available; empty if the font packages are not installed, in which case
        the machine's own typefaces are used.
    """
    families: set[str] = set()
    for package, names in _PACKAGES.items():
        try:
            folder = files(package) / "files"
        except ModuleNotFoundError:
            continue
        for name in names:
            number = QFontDatabase.addApplicationFontFromData((folder / name).read_bytes())
            families.update(QFontDatabase.applicationFontFamilies(number) if number >= 0 else [])
    return frozenset(families)

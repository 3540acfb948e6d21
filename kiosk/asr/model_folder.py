"""A Vosk model's folder: looked over before native code opens it.

Vosk ends the process on some broken files, so what can be seen from outside is checked here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ModelBroken, ModelMissing

ENGINE_FILE = "kiosk.json"
"""Beside the built-in model: what Vosk itself does not know of it."""

REMEDY = "Fetch the model again (kiosk models fetch) or leave recognition.model empty."
_KALDI_BINARY = b"\0B"
_OPENFST_MAGIC = b"\xd6\xfd\xb2\x7e"
_SMALLEST_BYTES = {"am/final.mdl": 10_000, "graph": 1_000}


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that looks like a Vosk model.

    Attributes:
        path: Folder.
        name: For reports: ``built-in`` or the folder's name.
        time_scale: Factor from the times that Vosk reports to seconds.
        noise_removal: True if the model was trained on sound with its steady noise removed.
        dither: Standard deviation of the faint noise to add, in steps of 16 bits; 0 where the
            model's own front end sees to it.
        trim_lead: True if the quiet before the first word should be left out.
    """

    path: Path
    name: str
    time_scale: float
    noise_removal: bool
    dither: float
    trim_lead: bool


def inspect_model(path: Path) -> ModelFolder:
    """Look over a Vosk model's folder.

    Raises:
        ModelMissing: There is no such folder.
        ModelBroken: A file is missing, too short, or not of its kind.
    """
    if not path.is_dir():
        raise ModelMissing("There is no such folder of a Vosk model.", where=path, remedy=REMEDY)
    _require(path, ("am/final.mdl",), _KALDI_BINARY, 10_000)
    if (path / "graph/HCLG.fst").exists() or not (path / "graph/HCLr.fst").exists():
        _require(path, ("graph/HCLG.fst",), _OPENFST_MAGIC, 1_000)
        _require(path, ("graph/words.txt",), b"<eps>", 10)
    else:
        _require(path, ("graph/HCLr.fst",), _OPENFST_MAGIC, 1_000)
        _require(path, ("graph/Gr.fst",), _OPENFST_MAGIC, 1_000)
    _require(path, ("conf/mfcc.conf", "mfcc.conf"), b"", 1)
    _require(path, ("conf/model.conf",), b"", 1)
    if (path / "ivector").is_dir():
        _require(path, ("ivector/final.ie", "ivector/final.dubm"), _KALDI_BINARY, 1_000)
        _require(path, ("ivector/final.mat",), b"", 100)
    return _with_properties(path)


def _require(folder: Path, names: tuple[str, ...], magic: bytes, least_bytes: int) -> None:
    """One of ``names`` exists, begins with ``magic`` and is long enough."""
    file = next((folder / name for name in names if (folder / name).is_file()), None)
    if file is None:
        raise ModelBroken(f"The file {names[0]} is missing.", where=folder, remedy=REMEDY)
    with file.open("rb") as stream:
        begins = stream.read(len(magic))
    if begins != magic or file.stat().st_size < least_bytes:
        raise ModelBroken("The file is damaged or cut short.", where=file, remedy=REMEDY)


def _with_properties(path: Path) -> ModelFolder:
    file = path / ENGINE_FILE
    if not file.exists():
        return ModelFolder(path, path.name, 1.0, noise_removal=False, dither=0.0, trim_lead=False)
    try:
        properties = json.loads(file.read_text(encoding="utf-8"))
        return ModelFolder(
            path,
            name=str(properties["name"]),
            time_scale=float(properties["time_scale"]),
            noise_removal=bool(properties["noise_removal"]),
            dither=float(properties["dither"]),
            trim_lead=bool(properties["trim_lead"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ModelBroken("The file is damaged.", where=file, remedy=REMEDY) from error

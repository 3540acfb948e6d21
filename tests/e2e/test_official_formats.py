"""The same visit on models of the official formats that scripts of this repository make.

No official weight is here, so what is said and shown means nothing; that it is said and shown by a
Vosk folder, a chat GGUF, a Piper voice and a Wav2Lip-shaped ONNX that persona.toml names does.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import onnx

from scripts.make_chat_standin import SHAPES, write_standin
from scripts.make_lips_standin import tiny
from scripts.make_test_voice import make_test_voice
from tests.e2e.house import ROOT, House
from tests.e2e.measure import speech_span_s

OpenHouse = Callable[..., House]
ANSWER_LIMIT_S = 60.0


def furnish(folder: Path, vosk_model: Path) -> Path:
    """A persona folder with a model of each kind, all named in its persona.toml."""
    folder.mkdir()
    shutil.copytree(vosk_model, folder / "ear")
    write_standin(folder / "mind.gguf", SHAPES["tiny"])
    make_test_voice(folder / "voice.onnx", timings=False)
    onnx.save(tiny(size=96), str(folder / "lips.onnx"))
    text = (ROOT / "persona.toml").read_text(encoding="utf-8")
    named = {"voice": "voice.onnx", "recognition": "ear", "chat": "mind.gguf"}
    table, lines = "", []
    for line in text.splitlines():
        if line.startswith("["):
            table = line.strip("[] ")
        if line.startswith("model =") and table in named:
            line = f'model = "{named[table]}"'
        elif line.startswith("lips ="):
            line = 'lips = "lips.onnx"'
        lines.append(line)
    persona = folder / "persona.toml"
    persona.write_text("\n".join(lines), encoding="utf-8")
    return persona


def test_models_of_the_official_formats_take_their_places(
    open_house: OpenHouse, built_cache: Path, tmp_path: Path
) -> None:
    model = next(built_cache.glob("vosk-*"))
    house = open_house(persona=furnish(tmp_path / "persona", model))
    with house.recorder() as recorder:
        house.ask("did you have a dog")
        house.wait(house.answers, ANSWER_LIMIT_S, "an answer")
        first_s, last_s = speech_span_s(recorder.samples, 24_000)
    assert last_s - first_s > 0.5, "the named voice made a sound"
    assert house.answers()[0]["answer"]["id"] == "tray"

    house.ask("what is the capital of france")
    time.sleep(5.0)
    house.press()  # its reply knows no end: interrupt it, which reports what was heard of it
    house.release()
    house.wait(lambda: len(house.answers()) > 1, ANSWER_LIMIT_S, "a reply of the chat model")
    assert house.answers()[1]["answer"]["source"] == "model"
    ready = next(
        line for line in house.tail(characters=20_000).splitlines() if " ready after " in line
    )
    assert "mind" in ready
    assert "piper:voice" in ready
    assert "'lips': 'lips " in ready
    assert "replaced" not in house.tail(characters=20_000)

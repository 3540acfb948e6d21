"""The manifest that ships: strict, complete, and true about the files beside it."""

from __future__ import annotations

import tomllib

import pytest

from kiosk import paths
from kiosk.errors import BadInput
from kiosk.modelstore import Store, load_manifest

GOOD = """
version = 1
[[model]]
name = "chat"
kind = "chat"
about = "a test"
licence = "MIT"
use = "nothing"
[[model.files]]
save_as = "chat.gguf"
url = "https://example.org/chat.gguf"
"""


def test_the_shipped_files_are_those_of_the_manifest(tmp_path):
    store = Store(tmp_path, load_manifest(), shipped=paths.builtin_models_dir())
    found = store.verify()
    assert set(found) == {item.path for item in store.manifest.shipped}
    assert all(faults == () for faults in found.values()), found
    assert {state.status for state in store.states()} == {"built-in", "available", "by hand"}


def test_a_damaged_shipped_file_is_found(tmp_path):
    manifest = load_manifest()
    store = Store(tmp_path, manifest, shipped=tmp_path)
    item = manifest.shipped[0]
    assert store.states()[0].detail == "missing"
    (tmp_path / item.path).write_bytes(bytes(item.size))
    assert store.states()[0].status == "built-in"  # the size alone cannot tell
    assert "damaged" in store.verify([item.path])[item.path][0]


def test_every_model_of_a_kind_the_mission_names_is_there():
    names = {model.name for model in load_manifest().model}
    assert {
        "vosk-model-small-en-us-0.15",
        "en_US-ljspeech-medium",
        "qwen2.5-1.5b-instruct-q4_k_m",
        "Qwen_Qwen3-4B-Instruct-2507-Q4_K_M",
        "yunet",
        "wav2lip",
    } <= names


def test_refused_licences_need_an_acknowledgement():
    for model in load_manifest().model:
        refused = model.licence in ("non-commercial", "unclear") or "Llama" in model.licence
        assert model.acknowledge == refused, model.name
        assert model.conditions or not refused, model.name


def test_everything_that_can_be_fetched_can_be_checked():
    for model in load_manifest().model:
        for file in model.files:
            assert file.url is None or (file.size and (file.sha256 or file.md5)), file.save_as
            assert file.url is not None or model.by_hand, file.save_as


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version = 1", "version = 2", "version"),
        ('kind = "chat"', 'kind = "cat"', "model.0.kind"),
        ('licence = "MIT"\n', "", "model.0.licence: Field required"),
        ("save_as =", "saveas =", "model.0.files.0.saveas"),
        ('"chat.gguf"', '"../chat.gguf"', "save_as"),
        ('"chat.gguf"', '".records"', "save_as"),
        ("https://", "http://", "url"),
        ("https://", "file:///", "url"),
        ("version = 1", "version =", "cannot be read"),
        ("[[model.files]]", "size = 1\n[[model.files]]", "model.0.size"),
    ],
)
def test_a_wrong_manifest_names_the_key(tmp_path, old, new, says):
    path = tmp_path / "manifest.toml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BadInput) as caught:
        load_manifest(path)
    assert says in str(caught.value)
    assert "manifest.toml" in str(caught.value)


def test_names_are_unique(tmp_path):
    path = tmp_path / "manifest.toml"
    path.write_text(GOOD + GOOD.partition("\n")[2].partition("\n")[2])
    assert len(tomllib.loads(path.read_text())["model"]) == 2
    with pytest.raises(BadInput, match="used twice: chat"):
        load_manifest(path)

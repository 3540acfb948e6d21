"""`kiosk models` as a person or a program meets it."""

from __future__ import annotations

import argparse
import json

import pytest

from cli import models
from kiosk.errors import BadInput, Missing
from tests.modelstore.conftest import one_file


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    models.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["models", *words])
    return arguments.run(arguments)


@pytest.fixture
def machine(publisher, store_of, monkeypatch):
    """A machine whose manifest holds two small models."""
    store = store_of(
        one_file(publisher, "chat.gguf", b"chat" * 100, use='chat.model = "chat.gguf"'),
        one_file(publisher, "lips.onnx", b"lips", known=False, acknowledge=True, conditions="Ask."),
    )
    monkeypatch.setattr(models, "open_store", lambda: store)
    return store


@pytest.mark.usefixtures("machine")
def test_list_for_programs(capsys):
    assert run("list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(item["name"], item["status"]) for item in listed] == [
        ("chat", "available"),
        ("lips", "available"),
    ]
    assert listed[0]["size"] == 400


@pytest.mark.usefixtures("machine")
def test_list_for_people(capsys):
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("chat  available  chat")
    assert lines[2].strip() == "Ask."


@pytest.mark.usefixtures("machine")
def test_fetch_says_what_to_write_and_what_was_recorded(capsys):
    assert run("fetch", "chat", "lips", "--accept-licence", "lips") == 0
    said = capsys.readouterr()
    assert "chat: installed and verified." in said.out
    assert 'persona.toml: chat.model = "chat.gguf"' in said.out
    assert "gives no SHA-256; recorded now" in said.out
    assert said.err == ""  # no bar where nobody looks
    assert run("fetch", "chat") == 0
    assert "already installed" in capsys.readouterr().out


def test_terms_are_asked_for_before_anything_is_fetched(machine):
    with pytest.raises(BadInput, match="--accept-licence lips"):
        run("fetch", "chat", "lips")
    assert not (machine.root / "chat.gguf").exists()


def test_verify_ends_with_two_when_something_is_damaged(machine, capsys):
    run("fetch", "chat")
    assert run("verify") == 0
    (machine.root / "chat.gguf").write_bytes(b"x" * 400)
    capsys.readouterr()
    assert run("verify", "--json") == 2
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["chat"]
    assert "damaged" in found["chat"][0]


@pytest.mark.usefixtures("machine")
def test_verify_of_what_is_not_installed():
    with pytest.raises(Missing, match="kiosk models fetch chat"):
        run("verify", "chat")


@pytest.mark.usefixtures("machine")
def test_export_then_import(store_of, publisher, monkeypatch, tmp_path, capsys):
    run("fetch", "chat")
    assert run("export", str(tmp_path / "stick.tar")) == 0
    other = store_of(one_file(publisher, "chat.gguf", b"chat" * 100), folder="other")
    monkeypatch.setattr(models, "open_store", lambda: other)
    assert run("import", str(tmp_path / "stick.tar")) == 0
    assert run("import", str(tmp_path / "stick.tar")) == 0
    said = capsys.readouterr().out
    assert "kiosk models import stick.tar" in said
    assert "chat: already installed." in said


@pytest.mark.parametrize("words", [[], ["fetch"], ["burn"], ["list", "--jsn"]])
def test_wrong_use_ends_with_two(words):
    with pytest.raises(SystemExit) as caught:
        run(*words)
    assert caught.value.code == 2

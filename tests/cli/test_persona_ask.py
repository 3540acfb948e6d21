"""`kiosk persona ask`: what a curator sees when trying things out."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.conftest import Kiosk


def test_a_visit_in_writing(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "did you have a dog\ntell me more\n\nwhat is the price of petrol\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    ran = kiosk("persona", "ask")
    assert ran.code == 0
    dog, more, petrol = (part.splitlines() for part in ran.out.split("> ")[1:])
    assert dog[0] == "did you have a dog"
    assert dog[1].startswith("  tray, sure ")
    assert " tray as “" in dog[2], "the best candidate comes first, with the phrasing it was like"
    assert more[1].startswith("  tray, sure "), "a follow-up stays with what was spoken of"
    assert more[-1] == "(a new visit)"
    assert petrol[1].startswith("  unknown, sure ")
    assert petrol[-1].startswith("  offers: ")


def test_a_bank_that_is_none(kiosk: Kiosk, tmp_path: Path) -> None:
    bank = tmp_path / "bank.toml"
    bank.write_text("cases = 3\n")
    ran = kiosk("persona", "ask", "--bank", str(bank))
    assert ran.code == 2
    assert "bank.toml" in ran.err

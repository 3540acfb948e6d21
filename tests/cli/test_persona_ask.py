"""`kiosk persona ask`: what a curator sees when trying things out."""

from __future__ import annotations

import io
import json
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


def test_a_bank_is_counted_without_a_word_of_what_went_wrong(kiosk: Kiosk, tmp_path: Path) -> None:
    bank = tmp_path / "bank.toml"
    bank.write_text(
        '[answers.tray]\nplain = ["who was that terrier of yours"]\n'
        '[answers.king]\nplain = ["did you have a dog"]\n'
        '[answers.london]\nplain = ["who was that little terrier of yours"]\n'
        '[distress]\nutterances = ["I want to die"]\n'
    )
    ran = kiosk("persona", "ask", "--bank", str(bank), "--count-only")
    assert ran.code == 0
    figures = json.loads(ran.out)
    assert figures["answerable"] == 2, "a question that a phrasing holds is no test"
    assert (figures["direct"], figures["wrong"]) == (0.5, 0.5)
    assert figures["distress_caught"] == "1 of 1"
    assert "terrier" not in ran.out

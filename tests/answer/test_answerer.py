"""Scripted visits with the real embedding model and a small persona."""

from __future__ import annotations

import pytest

from kiosk.answer import Answerer


@pytest.mark.parametrize(
    ("question", "answer_id"),
    [
        ("when were you born", "born"),
        ("what year were you born in?", "born"),
        ("tell me about the please e a sore", "plesiosaur"),
        ("what is an ick thee a sore", "ichthyosaur"),
        ("how did your dad die", "father-death"),
        ("what did you die of", "death"),
        ("hello mary", "greeting"),
        ("where on the coast did you search for fossils", "where"),
        ("what was the name of your dog", "tray"),
    ],
)
def test_prepared(answerer: Answerer, question: str, answer_id: str) -> None:
    reply = answerer.answer(question)
    assert (reply.answer_id, reply.source) == (answer_id, "prepared")

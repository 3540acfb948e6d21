"""Fixtures of answering: the real embedding model, a small persona."""

from __future__ import annotations

import pytest

from kiosk.answer import Answerer, Embedder
from kiosk.paths import builtin_models_dir
from kiosk.persona.schema import Persona
from tests.answer.people import small_persona


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder(builtin_models_dir() / "all-MiniLM-L6-v2-q8_0.gguf", threads=1)


@pytest.fixture(scope="session")
def persona() -> Persona:
    return small_persona()


@pytest.fixture
def answerer(persona: Persona, embedder: Embedder) -> Answerer:
    return Answerer(persona, embedder, seed=1)

"""Sentence vectors from the shipped model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.answer import Answerer, Embedder
from kiosk.errors import ModelBroken
from kiosk.paths import builtin_models_dir
from kiosk.persona.schema import Persona
from scripts.make_chat_standin import SHAPES, write_standin

MODEL = builtin_models_dir() / "all-MiniLM-L6-v2-q8_0.gguf"


def test_rows_are_unit_vectors(embedder: Embedder) -> None:
    rows = embedder.embed(["when were you born", "how did you die", ""])
    assert rows.shape == (3, 384)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


def test_meaning(embedder: Embedder) -> None:
    asked, alike, other = embedder.embed(
        ["when were you born", "what is your date of birth", "do you like pizza"]
    )
    assert asked @ alike > asked @ other + 0.2


def test_no_texts(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 384)


def test_a_long_text_loses_its_end(embedder: Embedder) -> None:
    assert np.isfinite(embedder.embed(["stone " * 5000])).all()


def test_forget_drops_visitors_texts_only(embedder: Embedder) -> None:
    embedder.embed(["a phrasing"], pin=True)
    embedder.embed(["a visitor's secret"])
    embedder.forget()
    assert "a phrasing" in embedder._pinned
    assert not embedder._passing


def test_vectors_are_kept_on_disk_but_no_texts(persona: Persona, tmp_path: Path) -> None:
    first = Embedder(MODEL, 1, cache_dir=tmp_path)
    answerer = Answerer(persona, first)
    answerer.answer("a visitor's secret")
    answerer.new_visit()
    (file,) = tmp_path.iterdir()
    size = file.stat().st_size
    again = Embedder(MODEL, 1, cache_dir=tmp_path)
    computed: list[str] = []
    real = again._vector
    again._vector = lambda text, gguf=None: (computed.append(text), real(text, gguf))[1]  # type: ignore[method-assign]
    Answerer(persona, again)
    subject_out = {"where did you find it"}  # kiosk/answer/predicates.py
    assert set(computed) <= {"probe", *persona.suggestions} | subject_out | {
        text.lower().rstrip("?") for text in persona.suggestions
    }
    assert file.stat().st_size == size
    assert b"plesiosaur" not in file.read_bytes()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"\x93NUMPY"])
def test_a_damaged_cache_costs_time_only(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    embedder = Embedder(MODEL, 1, cache_dir=tmp_path)
    embedder.embed(["one"], pin=True)
    embedder.save_pinned()
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    healed = Embedder(MODEL, 1, cache_dir=tmp_path)
    assert "made anew" in caplog.text
    assert np.array_equal(healed.embed(["one"], pin=True), embedder.embed(["one"], pin=True))
    healed.save_pinned()
    assert file.stat().st_size > 384 * 4


def test_a_chat_model_is_no_embedding_model(tmp_path: Path) -> None:
    """It loads, and yields token vectors instead of a sentence's."""
    path = tmp_path / "chat.gguf"
    write_standin(path, SHAPES["tiny"])
    with pytest.raises(ModelBroken, match="no sentence vectors"):
        Embedder(path)


def test_a_broken_model(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(MODEL.read_bytes()[:100_000])
    with pytest.raises(ModelBroken, match=r"broken\.gguf"):
        Embedder(path)

"""Which persona is shown when nobody names one."""

from __future__ import annotations

from pathlib import Path

from kiosk import paths


def test_the_museums_own_persona_comes_before_the_one_that_ships(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path))
    shipped = paths.default_persona()
    assert shipped == paths.shipped_dir() / "persona.toml"
    own = tmp_path / "config" / "persona.toml"
    own.parent.mkdir()
    own.touch()
    assert paths.default_persona() == own

"""Nothing outside the persona's folder, the installed and the shipped models can be opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import paths
from kiosk.errors import ModelMissing, PersonaError
from kiosk.persona import LoadedPersona, lips_path, load_persona, resolve_asset
from kiosk.persona.assets import BUILTIN_LIPS
from tests.persona.files import changed, write


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadedPersona:
    """A persona in a folder of its own, with a secret file beside that folder."""
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path / "home"))
    folder = tmp_path / "ada"
    folder.mkdir()
    (tmp_path / "secret.onnx").write_text("secret")
    (folder / "own.onnx").write_text("own")
    (folder / "films").mkdir()
    (folder / "films" / "loop.mp4").write_text("film")
    return load_persona(write(folder, changed("[support]", '[voice]\nmodel = "x"\n\n[support]')))


def voice(loaded: LoadedPersona, value: str) -> Path:
    return resolve_asset(loaded, value, builtin="slt24.onnx", key="voice.model")


def test_empty_means_what_ships_with_the_kiosk(loaded: LoadedPersona) -> None:
    assert voice(loaded, "") == paths.builtin_models_dir() / "slt24.onnx"


def test_a_missing_shipped_model_is_told(loaded: LoadedPersona) -> None:
    with pytest.raises(ModelMissing, match=r"none\.onnx.*built-in model for voice\.model"):
        resolve_asset(loaded, "", builtin="none.onnx", key="voice.model")


@pytest.mark.parametrize("value", ["own.onnx", "films/loop.mp4", "./own.onnx", "films"])
def test_what_lies_in_the_persona_folder_is_found(loaded: LoadedPersona, value: str) -> None:
    assert voice(loaded, value) == loaded.folder / value


@pytest.mark.parametrize("installed", ["amy", "amy.onnx", "amy.gguf"])
def test_a_bare_name_finds_an_installed_model_first(loaded: LoadedPersona, installed: str) -> None:
    (loaded.folder / "amy").write_text("own")
    home = paths.installed_models_dir()
    home.mkdir(parents=True)
    (home / installed).write_text("installed")
    assert voice(loaded, "amy") == home / installed


def test_an_installed_folder_is_found(loaded: LoadedPersona) -> None:
    folder = paths.installed_models_dir() / "vosk-model-small-en-us-0.15"
    folder.mkdir(parents=True)
    assert voice(loaded, folder.name) == folder


def test_a_missing_model_says_which_key_and_what_to_do(loaded: LoadedPersona) -> None:
    with pytest.raises(ModelMissing) as caught:
        voice(loaded, "amy.onnx")
    message = str(caught.value)
    assert message.startswith(f"{loaded.path}: voice.model = 'amy.onnx'")
    assert "kiosk models fetch amy" in message


ESCAPES = [
    "../secret.onnx", "films/../../secret.onnx", "..", "films/..", "/etc/passwd", "~/secret",
    "..\\secret.onnx", "films\\..\\..\\secret.onnx", "C:\\secret.onnx", "c:secret.onnx",
    "\\\\host\\share", "//host/share", "own.onnx\0.txt", "own\n.onnx",
]  # fmt: skip


@pytest.mark.parametrize("value", ESCAPES)
def test_a_path_out_of_the_folder_is_refused_with_its_line(
    loaded: LoadedPersona, value: str
) -> None:
    with pytest.raises(PersonaError) as caught:
        voice(loaded, value)
    (problem,) = caught.value.problems
    assert problem.key == "voice.model"
    assert problem.line == loaded.path.read_text().split("\n").index('model = "x"') + 1
    assert "out of the persona's folder" in problem.reason


def test_links_out_of_the_folder_are_refused(loaded: LoadedPersona, tmp_path: Path) -> None:
    (loaded.folder / "link.onnx").symlink_to(tmp_path / "secret.onnx")
    (loaded.folder / "up").symlink_to(tmp_path)
    (loaded.folder / "circle").symlink_to("circle")
    for value in ("link.onnx", "up/secret.onnx", "circle"):
        with pytest.raises((PersonaError, ModelMissing)):
            voice(loaded, value)
    for value in ("link.onnx", "up/secret.onnx"):
        with pytest.raises(PersonaError):
            voice(loaded, value)


def test_links_inside_the_folder_work(loaded: LoadedPersona) -> None:
    (loaded.folder / "current.onnx").symlink_to("own.onnx")
    assert voice(loaded, "current.onnx").read_text() == "own"


def test_a_persona_folder_that_is_a_link_itself_works(
    loaded: LoadedPersona, tmp_path: Path
) -> None:
    (tmp_path / "current").symlink_to(loaded.folder)
    through_link = load_persona(tmp_path / "current" / "persona.toml")
    assert voice(through_link, "own.onnx").read_text() == "own"


PIECES = st.sampled_from(
    ["..", ".", "/", "\\", "films", "own.onnx", "~", "C:", "secret.onnx", "\0"]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.lists(PIECES | st.text(max_size=3), min_size=1, max_size=6).map("".join))
def test_whatever_is_written_stays_inside(loaded: LoadedPersona, value: str) -> None:
    if not value:
        return
    try:
        found = voice(loaded, value)
    except (PersonaError, ModelMissing):
        return
    assert found.resolve().is_relative_to(loaded.folder.resolve())


def test_the_built_in_lips_go_with_the_built_in_loop_only(loaded: LoadedPersona) -> None:
    """Over another face they would draw hers."""
    shipped = paths.builtin_models_dir() / BUILTIN_LIPS

    def lips_of(**portrait: str) -> Path | None:
        changed = loaded.persona.portrait.model_copy(update=portrait)
        persona = loaded.persona.model_copy(update={"portrait": changed})
        return lips_path(replace(loaded, persona=persona))

    assert lips_of() == shipped
    assert lips_of(loop="films/loop.mp4") is None
    assert lips_of(loop="films/loop.mp4", lips=Path(BUILTIN_LIPS).stem) == shipped
    assert lips_of(loop="films/loop.mp4", lips="own.onnx") == loaded.folder / "own.onnx"


def test_a_shipped_model_is_found_by_its_name_after_the_persona_s_own(
    loaded: LoadedPersona,
) -> None:
    assert voice(loaded, "rms16") == paths.builtin_models_dir() / "rms16.onnx"
    (loaded.folder / "rms16").touch()
    assert voice(loaded, "rms16") == loaded.folder / "rms16"

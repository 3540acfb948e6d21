"""persona.toml grows, and nothing else in it changes."""

from __future__ import annotations

import difflib
import os
import shutil
from pathlib import Path

import pytest

from kiosk.errors import BadInput, PersonaError
from kiosk.persona import load_persona
from kiosk.review import PersonaEditor

SHIPPED = Path(__file__).parents[2] / "persona.toml"
ASK = ["did you like cheese", "do you eat cheese", "cheese", "what cheese did you eat"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Path(shutil.copy(SHIPPED, tmp_path / "persona.toml"))


def changes(path: Path, before: str) -> list[str]:
    """Lines taken out ("-...") and put in ("+...")."""
    after = path.read_bytes().decode()
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize("answer_id", ["who", "tray", "coprolites", "quieter", "stop"])
def test_a_phrasing_is_one_added_line(path: Path, answer_id: str) -> None:
    before = path.read_text("utf-8")
    PersonaEditor(path).add_phrasing(answer_id, ["is the moon made of cheese"])
    assert changes(path, before) == ['+     "is the moon made of cheese",\n']
    answers = {answer.id: answer for answer in load_persona(path).persona.answers}
    assert answers[answer_id].ask[-1] == "is the moon made of cheese"


def test_a_new_answer_is_added_lines_only(path: Path) -> None:
    before = path.read_text("utf-8")
    PersonaEditor(path).add_answer(
        "cheese", ASK, ["I ate what we had."], source="letters", topics=["cheese", "food"]
    )
    assert all(line.startswith("+ ") for line in changes(path, before))
    answer = load_persona(path).persona.answers[-1]
    assert (answer.id, list(answer.ask), answer.say) == ("cheese", ASK, ("I ate what we had.",))
    assert (answer.source, answer.topics) == ("letters", ("cheese", "food"))


def test_the_curators_layout_stays(tmp_path: Path) -> None:
    """Odd spaces, comments in and after lists, quotation marks of both kinds, tables at the end."""
    text = SHIPPED.read_text("utf-8")
    head, mark, tail = text.partition("[[answers]]\n")
    odd = (
        "[[answers]]   # the first\nid='odd'\nask = [ # how they ask\n"
        "  'what is odd' ,  # once\n\n    # not yet: 'even'\n"
        '  "why is \\"odd\\" odd", "odd one", "one odd thing"\n  # the end\n]\nsay=["It is."]\n\n'
    )
    path = tmp_path / "persona.toml"
    path.write_text(head + odd + mark + tail, "utf-8")
    before = path.read_text("utf-8")
    PersonaEditor(path).add_phrasing("odd", ["how odd"])
    after = path.read_text("utf-8")
    for kept in ("# how they ask", "# once", "# not yet: 'even'", "# the end", "id='odd'"):
        assert kept in after
    # The last entry had no comma: its line gets one, and nothing else changes.
    gone = [line for line in changes(path, before) if line[0] == "-"]
    assert len(gone) <= 1
    assert load_persona(path).persona.answers[0].ask[-1] == "how odd"


def test_a_list_on_one_line_stays_on_one_line(path: Path) -> None:
    text = path.read_text("utf-8")
    line = 'ask = ["one odd thing", "two odd things", "three of them", "and four"]'
    text = text.replace(
        "[[answers]]", f'[[answers]]\nid = "odd"\n{line}\nsay = ["x"]\n[[answers]]', 1
    )
    path.write_text(text, "utf-8")
    PersonaEditor(path).add_phrasing("odd", ["how odd"])
    assert line.replace('four"]', 'four", "how odd"]') in path.read_text("utf-8")


def test_windows_line_ends_stay(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes().decode()
    editor = PersonaEditor(path)
    editor.add_phrasing("tray", ["how fluffy was he"])
    editor.add_answer("cheese", ASK, ["I ate what we had."])
    assert all(line.startswith("+ ") and line.endswith("\r\n") for line in changes(path, before))


@pytest.mark.parametrize(
    "wording",
    [
        'he said "no"',
        "back\\slash",
        "tab\there",
        "Größe – “ja”",
        "# no comment",
        "]",
        "'''",
        "\u2028x",
    ],
)
def test_any_wording_comes_back_as_it_was(path: Path, wording: str) -> None:
    PersonaEditor(path).add_phrasing("tray", [f"how {wording}"])
    answers = {answer.id: answer for answer in load_persona(path).persona.answers}
    assert answers["tray"].ask[-1] == f"how {wording}"


def unchanged(path: Path) -> bool:
    return path.read_bytes() == SHIPPED.read_bytes() and os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize(
    ("wording", "said"),
    [
        ("when were you born", "has this phrasing already"),
        ("?!", "no words"),
        ("", "ask"),
        ("x" * 201, "200"),
    ],
)
def test_what_would_break_the_file_is_refused(path: Path, wording: str, said: str) -> None:
    with pytest.raises(PersonaError) as caught:
        PersonaEditor(path).add_phrasing("tray", [wording])
    assert said in str(caught.value)
    assert str(path) in str(caught.value), "the curator's file is named, not the copy"
    assert unchanged(path)


def test_an_incomplete_answer_is_refused(path: Path) -> None:
    with pytest.raises(PersonaError, match="at least 4"):
        PersonaEditor(path).add_answer("cheese", ASK[:3], ["I did."])
    with pytest.raises(PersonaError, match="same id"):
        PersonaEditor(path).add_answer("tray", ASK, ["I did."])
    with pytest.raises(PersonaError, match="small letters"):
        PersonaEditor(path).add_answer("Some Cheese", ASK, ["I did."])
    assert unchanged(path)


def test_an_answer_that_is_not_there(path: Path) -> None:
    with pytest.raises(BadInput, match="no answer 'trey'") as caught:
        PersonaEditor(path).add_phrasing("trey", ["how fluffy"])
    assert "tray" in caught.value.remedy
    assert unchanged(path)


def test_what_was_blanked_is_no_phrasing(path: Path) -> None:
    with pytest.raises(BadInput, match="taken out"):
        PersonaEditor(path).add_phrasing("tray", ["did you know [personal]"])
    assert unchanged(path)


def test_the_copy_is_the_file_before_the_review(path: Path) -> None:
    editor = PersonaEditor(path)
    assert editor.backup is None
    editor.add_phrasing("tray", ["how fluffy"])
    editor.add_phrasing("tray", ["how furry"])
    assert editor.backup is not None
    assert editor.backup.read_bytes() == SHIPPED.read_bytes()


def test_a_full_disk_leaves_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kiosk.review.editor.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        PersonaEditor(path).add_phrasing("tray", ["how fluffy"])
    assert unchanged(path)


def test_somebody_elses_edit_is_not_overwritten(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = PersonaEditor(path)

    def meanwhile(temporary: Path) -> None:
        del temporary
        path.write_text(SHIPPED.read_text("utf-8") + "# a note\n", "utf-8")

    monkeypatch.setattr("kiosk.review.editor.load_persona", meanwhile)
    with pytest.raises(BadInput, match="somebody else"):
        editor.add_phrasing("tray", ["how fluffy"])
    assert path.read_text("utf-8").endswith("# a note\n")


def test_a_link_stays_a_link_and_rights_stay(tmp_path: Path, path: Path) -> None:
    path.chmod(0o640)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = folder / "persona.toml"
    link.symlink_to(path)
    PersonaEditor(link).add_phrasing("tray", ["how fluffy"])
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert "how fluffy" in path.read_text("utf-8")

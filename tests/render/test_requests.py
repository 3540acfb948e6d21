"""What is asked for is checked before anything is loaded, in one sentence with the place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk.audio import write_wav
from kiosk.errors import BadInput
from kiosk.messages import Speaking
from kiosk.render import FilmRequest, Subtitles, parse_size, read_batch
from kiosk.render.request import LONGEST_TEXT
from tests.render.conftest import Ask


def test_it_comes_back_from_its_record(ask: Ask, tmp_path: Path) -> None:
    full = ask(
        "Grüße",
        size=(640, 360),
        fps=50,
        voice=Speaking.KIOSK,
        subtitles=Subtitles.SRT,
        visemes=tmp_path / "v.json",
        cached=False,
    )
    assert FilmRequest.from_record(full.as_record()) == full
    recorded = ask(wav=tmp_path / "a.wav")
    assert FilmRequest.from_record(recorded.as_record()) == recorded
    assert full.titles == tmp_path / "film.srt"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " ... "}, "nothing to say"),
        ({"text": "a" * (LONGEST_TEXT + 1)}, f"at most {LONGEST_TEXT}"),
        ({"fps": 23}, "24, 25, 30, 50, 60"),
        ({"size": (640, 361)}, "640x361"),
        ({"size": (64, 36)}, "160 to 3840"),
        ({"out": Path("film.avi")}, r"\*\.mp4"),
        ({"out": Path("nowhere/film.mp4")}, "folder that exists"),
        ({"visemes": Path("nowhere/v.json")}, "folder that exists"),
        ({"text": "", "wav": Path("none.wav")}, "none.wav: There is no such recording"),
        ({"wav": Path("none.wav")}, "a text and a recording"),
    ],
)
def test_wrong_use_is_told(ask: Ask, fields: dict[str, object], said: str) -> None:
    ask("Hello.").check()
    with pytest.raises(BadInput, match=said):
        replace(ask("Hello."), **fields).check()  # type: ignore[arg-type]


def test_a_recording_has_no_words_to_show(ask: Ask, tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.ones(16000, np.int16), 16000)
    ask(wav=tmp_path / "a.wav").check()
    for fields in ({"subtitles": Subtitles.BURN}, {"visemes": tmp_path / "v.json"}):
        with pytest.raises(BadInput, match="without its words"):
            ask(wav=tmp_path / "a.wav", **fields).check()


@pytest.mark.parametrize("size", ["big", "1280", "x720", "1280x", "1281x720", "99999x720", "-2x4"])
def test_no_size(size: str) -> None:
    with pytest.raises(BadInput):
        parse_size(size)


def test_a_size() -> None:
    assert parse_size(" 1280X720 ") == (1280, 720)


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = path / "films.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_table(ask: Ask, tmp_path: Path, delimiter: str, encoding: str) -> None:
    write_wav(tmp_path / "a.wav", np.ones(16000, np.int16), 16000)
    rows = [
        ["ID", "text", "wav", "subtitles", "size", "visemes"],
        ["one", '"Grüße, zwei;\nZeilen"', "", "srt", "640x360", "one.json"],
        ["", "", "", "", "", ""],
        ["two.mp4", "", "a.wav"],
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    films = read_batch(table(tmp_path, text, encoding), tmp_path, ask(size=(320, 240), fps=30))
    assert [film.out.name for film in films] == ["one.mp4", "two.mp4"]
    assert films[0].text.split() == ["Grüße,", "zwei;", "Zeilen"]
    assert (films[0].size, films[1].size) == ((640, 360), (320, 240))
    assert films[0].subtitles is Subtitles.SRT
    assert films[0].visemes == tmp_path / "one.json"
    assert films[1].wav == tmp_path / "a.wav"
    assert [film.fps for film in films] == [30, 30]


def test_every_wrong_row_is_named(ask: Ask, tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "out,text,subtitles,size\n"
        "good,Hello.,,\n"
        "good,Hello again.,,\n"
        "bad,Hello.,sung,\n"
        ",Hello.,,\n"
        "bad2,,,\n"
        "bad3,Hello.,,huge\n"
        "../bad4,Hello.,,\n",
    )
    with pytest.raises(BadInput) as told:
        read_batch(path, tmp_path, ask())
    lines = str(told.value).splitlines()
    assert str(path) in lines[0]
    assert "6 rows are wrong" in lines[0]
    for line, words in zip(
        lines[1:],
        ("row 3: 'good.mp4' is already row 2", "row 4: Unknown subtitles 'sung'",
         "row 5: The film has no name", "row 6: There is nothing to say",
         "row 7: 'huge' is no size", "row 8: '../bad4.mp4' is no file name"),
        strict=True,
    ):  # fmt: skip
        assert words in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "row 1"),
        ("a,b\n1,2\n", "Unknown column 'a'"),
        ("out,text,out\n1,2,3\n", "twice"),
        ("text\nhello\n", "'out' or 'id'"),
        ("out,text\n", "no rows"),
        ('out,text\na,"open\n', "cannot be read"),
    ],
)
def test_no_table(ask: Ask, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_batch(table(tmp_path, text), tmp_path, ask())


def test_a_table_that_is_no_text(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        read_batch(table(tmp_path, "out,text\na,Grüße\n", "latin-1"), tmp_path, ask())
    with pytest.raises(BadInput, match="cannot be read"):
        read_batch(tmp_path / "none.csv", tmp_path, ask())

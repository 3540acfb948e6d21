"""A film holds what was shown and said, marks itself as AI-generated, and is whole or not there."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import pytest

from kiosk.errors import MediaError
from kiosk.video import (
    FilmWriter,
    LoopReader,
    Marking,
    dub_film,
    read_all,
    read_film,
    read_xmp,
)
from kiosk.video.marking import GENERATOR
from tests.video.clips import HEIGHT, WIDTH, number_of, numbered, write_clip

RATE_HZ = 16000


def _tone(seconds: float, frequency_hz: float = 440.0) -> np.ndarray:
    time_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (12000 * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.int16)


def test_frames_and_sound_come_back(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    tone = _tone(2.0)
    with FilmWriter(path, WIDTH, HEIGHT, 25, RATE_HZ) as film:
        for index in range(50):
            film.add_frame(numbered(index))
            film.add_sound(tone[index * 640 : (index + 1) * 640])
    back = read_film(path)
    assert [number_of(frame) for frame in back.frames] == list(range(50))
    assert back.fps == 25
    assert back.sample_rate_hz == RATE_HZ
    assert back.comment == "AI-generated"
    # Both last two seconds; AAC works in blocks of 64 ms.
    assert abs(len(back.sound) / RATE_HZ - len(back.frames) / back.fps) <= 2 * 1024 / RATE_HZ
    spectrum = np.abs(np.fft.rfft(back.sound[4000:20000]))
    assert abs(int(spectrum.argmax()) - 440) <= 1
    assert np.abs(back.sound[4000:20000]).max() == pytest.approx(12000, rel=0.1)


def test_sound_is_in_time_with_the_frames(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    sound = np.zeros(2 * RATE_HZ, dtype=np.int16)
    sound[RATE_HZ : RATE_HZ + 1600] = _tone(0.1)
    with FilmWriter(path, WIDTH, HEIGHT, 25, RATE_HZ) as film:
        for index in range(50):
            film.add_frame(numbered(index))
        film.add_sound(sound)
    back = read_film(path)
    onset = int(np.flatnonzero(np.abs(back.sound) > 3000)[0])
    assert abs(onset - RATE_HZ) <= 160  # 10 ms; a frame is 40 ms


def test_it_starts_playing_before_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with FilmWriter(path, WIDTH, HEIGHT, 25, RATE_HZ) as film:
        film.add_frame(numbered(0))
        film.add_sound(_tone(0.04))
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.mp4"]


def test_a_silent_film_of_odd_size(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with FilmWriter(path, 75, 51, 25, None) as film:
        for _ in range(3):
            film.add_frame(np.full((51, 75, 3), 90, dtype=np.uint8))
        with pytest.raises(ValueError, match="no sound"):
            film.add_sound(_tone(0.1))
    back = read_film(path)
    assert back.frames.shape == (3, 52, 76, 3)
    assert back.sound.size == 0


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    film = FilmWriter(tmp_path / "film.mp4", WIDTH, HEIGHT, 25, None)
    film.add_frame(numbered(0))
    film.close()
    film.close()
    film.discard()
    assert (tmp_path / "film.mp4").is_file()


def test_an_exception_leaves_no_film(tmp_path: Path) -> None:
    def fail() -> None:
        with FilmWriter(tmp_path / "film.mp4", WIDTH, HEIGHT, 25, None) as film:
            film.add_frame(numbered(0))
            raise RuntimeError("the visitor left")

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_frame_is_a_programming_error(tmp_path: Path) -> None:
    film = FilmWriter(tmp_path / "film.mp4", WIDTH, HEIGHT, 25, None)
    with pytest.raises(ValueError, match="shape"):
        film.add_frame(np.zeros((10, 10, 3), dtype=np.uint8))
    film.discard()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be written"):
        FilmWriter(tmp_path / "nowhere" / "film.mp4", WIDTH, HEIGHT, 25, None)


def test_reading_no_film_is_told(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_text("no film")
    with pytest.raises(MediaError):
        read_film(tmp_path / "film.mp4")


def test_the_metadata_say_what_made_it(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    marking = Marking(persona='Anne & <Mary> "A"', notice="No recording — made by a machine.")
    with FilmWriter(path, WIDTH, HEIGHT, 25, RATE_HZ, marking=marking) as film:
        film.add_frame(numbered(0))
        film.add_sound(_tone(0.04))
    packet = ElementTree.fromstring(read_xmp(path))
    described = packet.find(".//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    assert described is not None
    source = described.get("{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType")
    assert source == "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    assert described.get("{http://ns.adobe.com/xap/1.0/}CreatorTool") == GENERATOR
    texts = [text.text for text in packet.iter() if text.tag.endswith("}li")]
    assert texts == [marking.persona, marking.notice]
    # A box of its own behind the film: every other box is where the writer's index says.
    content = path.read_bytes()
    assert content.index(b"mdat") < content.index(bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC"))
    assert read_film(path).frames.shape == (1, HEIGHT, WIDTH, 3)


def test_a_file_without_a_packet_has_none(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x08free" + b"\0\0\0\x03bad!" + b"rest")
    assert read_xmp(path) == ""
    path.write_bytes(b"")
    assert read_xmp(path) == ""


def test_planes_are_taken_as_they_are(tmp_path: Path) -> None:
    loop = write_clip(tmp_path / "loop.mp4", 30)
    with LoopReader(loop, out_format="nv12") as reader:
        planes = [reader.next()[1] for _ in range(30)]
    with FilmWriter(tmp_path / "film.mp4", WIDTH, HEIGHT, 25, None) as film:
        for picture in planes:
            film.add_planes(picture)
        with pytest.raises(ValueError, match="shape"):
            film.add_planes(planes[0][:-1])
    back = read_film(tmp_path / "film.mp4")
    assert [number_of(frame) for frame in back.frames] == list(range(30))
    assert np.abs(back.frames.astype(int) - read_all(loop)).mean() < 3  # the codec's own loss


def test_players_are_told_the_colours(tmp_path: Path) -> None:
    with FilmWriter(tmp_path / "film.mp4", WIDTH, HEIGHT, 25, None) as film:
        film.add_frame(numbered(0))
    with av.open(str(tmp_path / "film.mp4")) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_range) == (6, 1)  # BT.601, limited


def test_a_silent_film_is_given_its_sound(tmp_path: Path) -> None:
    silent, path = tmp_path / "silent.mp4", tmp_path / "film.mp4"
    with FilmWriter(silent, WIDTH, HEIGHT, 25, None) as film:
        for index in range(50):
            film.add_frame(numbered(index))
    sound = np.zeros(2 * RATE_HZ, dtype=np.int16)
    sound[RATE_HZ : RATE_HZ + 1600] = _tone(0.1)
    dub_film(silent, path, sound, RATE_HZ)
    back = read_film(path)
    assert np.array_equal(back.frames, read_film(silent).frames)  # not encoded again
    assert back.fps == 25
    assert back.comment == "AI-generated"
    assert "trainedAlgorithmicMedia" in read_xmp(path)
    onset = int(np.flatnonzero(np.abs(back.sound) > 3000)[0])
    assert abs(onset - RATE_HZ) <= 160
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["film.mp4", "silent.mp4"]


def test_a_film_that_cannot_be_dubbed_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be written"):
        dub_film(tmp_path / "none.mp4", tmp_path / "film.mp4", _tone(0.1), RATE_HZ)
    assert list(tmp_path.iterdir()) == []

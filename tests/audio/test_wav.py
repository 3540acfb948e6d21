"""WAV files as visitors' recordings come: any width, rate, channels; and broken ones."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from kiosk.audio import read_wav, write_wav
from kiosk.audio import wav as wav_module
from kiosk.errors import MediaError
from tests.audio.fakes import sine


def save(path: Path, values: np.ndarray, width: int, rate_hz: int, channels: int) -> None:
    """Write floats in -1..1 as PCM of ``width`` bytes."""
    repeated = np.repeat(values, channels)
    if width == 1:
        data = (repeated * 127 + 128).astype(np.uint8).tobytes()
    else:
        whole = (repeated * (2 ** (8 * width - 1) - 1)).astype("<i4")
        data = whole.view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(data)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize(("rate_hz", "channels"), [(16_000, 1), (44_100, 2), (8_000, 1)])
def test_every_common_kind_is_read(tmp_path: Path, width: int, rate_hz: int, channels: int) -> None:
    path = tmp_path / "question.wav"
    values = sine(1.0, hz=500, peak=16_000, rate_hz=rate_hz) / 32_768
    save(path, values, width, rate_hz, channels)
    samples, read_rate_hz = read_wav(path)
    assert read_rate_hz == 16_000
    assert samples.dtype == np.int16
    assert len(samples) == pytest.approx(16_000, abs=40)
    assert np.argmax(np.abs(np.fft.rfft(samples))) == pytest.approx(500, abs=2)
    assert np.abs(samples[1000:-1000]).max() == pytest.approx(16_000, rel=0.03)


def test_the_extensible_header_of_recording_programs_is_read(tmp_path: Path) -> None:
    """24 bits behind WAVE_FORMAT_EXTENSIBLE, with the sound's real kind in a GUID."""
    values = sine(1.0, hz=500, peak=16_000) / 32_768
    whole = (values * (2**23 - 1)).astype("<i4")
    data = whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    pcm = bytes.fromhex("0100000000001000800000aa00389b71")
    layout = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 16_000, 48_000, 3, 24, 22, 24, 4) + pcm
    chunks = b"fmt " + struct.pack("<I", len(layout)) + layout
    chunks += b"data" + struct.pack("<I", len(data)) + data
    path = tmp_path / "question.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    samples, rate_hz = read_wav(path)
    assert rate_hz == 16_000
    np.testing.assert_allclose(samples, values * 32_768, atol=2)


def test_a_human_recording_is_read() -> None:
    path = Path(__file__).parents[3] / "shared/speech/jfk.wav"
    if not path.exists():
        pytest.skip("shared/speech/jfk.wav is not on this machine")
    samples, _ = read_wav(path)
    assert len(samples) == 11 * 16_000
    assert np.abs(samples).max() > 10_000


def test_what_is_written_is_read_back_exactly(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, sine(0.5), 16_000)
    np.testing.assert_array_equal(read_wav(path)[0], sine(0.5))
    assert [item.name for item in tmp_path.iterdir()] == ["a.wav"], "nothing temporary is left"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, sine(0.1), 16_000)
    before = path.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(wav_module.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_wav(path, sine(0.2), 16_000)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"none\.wav: the file cannot be read"):
        read_wav(tmp_path / "none.wav")


def compressed() -> bytes:
    """A header that announces MPEG Layer 3 in a WAV."""
    form = struct.pack("<HHIIHH", 0x55, 1, 16_000, 4_000, 1, 0)
    body = (
        b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", 64) + b"\0" * 64
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


@pytest.mark.parametrize(
    "data",
    [b"", b"RIFF", b"not a sound at all" * 100, b"ID3\x04" + b"\0" * 500, compressed()],
    ids=["empty", "cut", "text", "mp3", "mp3 inside"],
)
def test_other_files_are_refused_with_a_remedy(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "odd.wav"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="Give a WAV file with plain PCM") as caught:
        read_wav(path)
    assert caught.value.exit_code == 2


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.wav"
    write_wav(path, np.zeros(0, np.int16), 16_000)
    with pytest.raises(MediaError):
        read_wav(path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "long.wav"
    write_wav(path, sine(1.0), 16_000)
    monkeypatch.setattr(wav_module, "MAX_BYTES", 1000)
    with pytest.raises(MediaError, match="larger than"):
        read_wav(path)

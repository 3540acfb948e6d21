"""Archives from an enemy."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from kiosk.errors import ModelBroken
from kiosk.modelstore import archive
from kiosk.modelstore.archive import unpack_zip
from tests.modelstore.conftest import VOSK, zip_of


def written(tmp_path, data: bytes):
    path = tmp_path / "model.zip"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "vosk-tiny/../../evil",
        "/etc/evil",
        "vosk-tiny//am/evil",
        "vosk-tiny/am/..\\evil",
        "C:/evil",
        "vosk-tiny/am/\x07evil",
        "./am/evil",
    ],
)
def test_names_that_point_outside_refuse_the_archive(tmp_path, name):
    path = written(tmp_path, zip_of({**VOSK, name: b"evil"}))
    with pytest.raises(ModelBroken, match="points outside"):
        unpack_zip(path, tmp_path / "out")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["model.zip"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_refuse_the_archive(tmp_path, kind):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        entry = zipfile.ZipInfo("vosk-tiny/am/final.mdl")
        entry.external_attr = (kind | 0o777) << 16
        packed.writestr(entry, "/etc/passwd")
    with pytest.raises(ModelBroken, match="link or a device"):
        unpack_zip(written(tmp_path, buffer.getvalue()), tmp_path / "out")


def test_a_bomb_is_refused_before_it_goes_off(tmp_path):
    path = written(tmp_path, zip_of({"vosk-tiny/am/final.mdl": bytes(40 << 20)}))
    assert path.stat().st_size < 100_000
    with pytest.raises(ModelBroken, match="would grow"):
        unpack_zip(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_entry_that_lies_about_its_size_is_refused(tmp_path):
    data = bytearray(zip_of({"vosk-tiny/am/final.mdl": bytes(500_000)}))
    true_size = (500_000).to_bytes(4, "little")
    assert data.count(true_size) == 2  # local header and directory
    path = written(tmp_path, data.replace(true_size, (10).to_bytes(4, "little")))
    with pytest.raises(ModelBroken):
        unpack_zip(path, tmp_path / "out")


def test_too_many_entries_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    with pytest.raises(ModelBroken, match="entries"):
        unpack_zip(written(tmp_path, zip_of(VOSK)), tmp_path / "out")


def test_the_same_name_twice_is_refused(tmp_path):
    data = zip_of({**VOSK, "vosk-tiny/am/FINAL.mdl": b"other"})
    with pytest.raises(ModelBroken, match="twice"):
        unpack_zip(written(tmp_path, data), tmp_path / "out")


@pytest.mark.parametrize("cut", [0, 10, 200, -5])
def test_a_damaged_archive_is_refused(tmp_path, cut):
    with pytest.raises(ModelBroken, match="damaged"):
        unpack_zip(written(tmp_path, zip_of(VOSK)[:cut]), tmp_path / "out")


def test_a_flipped_bit_is_found(tmp_path):
    data = bytearray(zip_of({"vosk-tiny/am/final.mdl": bytes(range(256)) * 8}))
    data[60] ^= 1
    with pytest.raises(ModelBroken):
        unpack_zip(written(tmp_path, bytes(data)), tmp_path / "out")


def test_only_what_a_model_may_hold_leaves_the_archive(tmp_path):
    stray = {
        "vosk-tiny/install.sh": b"rm",
        "vosk-tiny/.hidden/am": b"",
        "vosk-tiny/scripts/run.py": b"",
        "__MACOSX/._README": b"",
    }
    done = unpack_zip(written(tmp_path, zip_of({**VOSK, **stray})), tmp_path / "out")
    expected = sorted(name.partition("/")[2] for name in VOSK)
    assert sorted(done) == expected
    found = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in found) == expected

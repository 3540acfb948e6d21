"""From one machine to another on a stick."""

from __future__ import annotations

import io
import json
import os
import tarfile

import pytest

from kiosk.errors import BadInput, Missing, ModelBroken
from kiosk.modelstore import export_models, import_models
from kiosk.modelstore.stick import INDEX
from tests.modelstore.conftest import VOSK, left_over, one_file, sha256, visible, vosk, zip_of

DATA = bytes(range(256)) * 300


@pytest.fixture
def models(publisher):
    return (
        one_file(publisher, "chat.gguf", DATA),
        one_file(publisher, "lips.onnx", b"lips", known=False, acknowledge=True),
        vosk(publisher),
    )


@pytest.fixture
def here(store_of, models):
    """A machine with a network and everything installed."""
    store = store_of(*models, folder="here")
    for name in ("chat", "lips", "vosk-tiny"):
        store.fetch(name, accepted=["lips"])
    return store


@pytest.fixture
def there(store_of, models, publisher):
    """A machine that never sees a network."""
    publisher.files.clear()
    return store_of(*models, folder="there")


@pytest.fixture(params=["folder", "tar"])
def stick(request, tmp_path):
    return tmp_path / ("stick.tar" if request.param == "tar" else "stick")


def test_everything_travels_and_is_the_same(here, there, stick):
    assert export_models(here, [], stick) == ("chat", "lips", "vosk-tiny")
    seen = []
    done = import_models(
        there, stick, accepted=["lips"], progress=lambda now, total: seen.append((now, total))
    )
    assert done.names == ("chat", "lips", "vosk-tiny")
    assert done.first_use == {"lips.onnx": sha256(b"lips")}
    assert visible(there.root) == visible(here.root) == sorted(["chat.gguf", "lips.onnx", *VOSK])
    assert there.verify() == {"chat": (), "lips": (), "vosk-tiny": ()}
    assert left_over(there.root) == []
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


def test_importing_twice_changes_nothing(here, there, stick):
    export_models(here, ["chat"], stick)
    import_models(there, stick)
    done = import_models(there, stick)
    assert (done.names, done.already_there) == ((), ("chat",))


def test_only_what_is_named_travels(here, there, stick):
    export_models(here, ["vosk-tiny"], stick)
    assert import_models(there, stick).names == ("vosk-tiny",)
    assert visible(there.root) == sorted(VOSK)


def test_special_terms_are_asked_for_again(here, there, stick):
    export_models(here, [], stick)
    with pytest.raises(BadInput, match="--accept-licence lips"):
        import_models(there, stick)
    assert visible(there.root) == []


def test_a_damaged_installation_is_repaired_from_the_stick(here, there, stick):
    export_models(here, ["chat"], stick)
    import_models(there, stick)
    (there.root / "chat.gguf").write_bytes(DATA[:-1] + b"!")
    assert import_models(there, stick).names == ("chat",)
    assert there.verify() == {"chat": ()}


def test_a_stick_with_another_file_than_at_first_use_is_refused(here, there, tmp_path):
    record = {"name": "lips", "files": [entry("lips.onnx", b"evil")]}
    stick = forged(tmp_path, [record], {"lips.onnx": b"evil"})
    with pytest.raises(ModelBroken, match="first use"):
        import_models(here, stick, accepted=["lips"])
    assert (here.root / "lips.onnx").read_bytes() == b"lips"
    assert import_models(there, stick, accepted=["lips"]).first_use == {
        "lips.onnx": sha256(b"evil")
    }


def test_half_a_model_is_refused(publisher, store_of, tmp_path):
    sound = one_file(publisher, "voice.onnx", DATA)
    settings = one_file(publisher, "voice.onnx.json", b"{}")
    store = store_of({"name": "voice", "files": [*sound["files"], *settings["files"]]})
    record = {"name": "voice", "files": [entry("voice.onnx", DATA)]}
    with pytest.raises(ModelBroken, match=r"lacks voice\.onnx\.json"):
        import_models(store, forged(tmp_path, [record], {"voice.onnx": DATA}))
    assert visible(store.root) == []


def test_a_publishers_md5_counts_on_a_stick_too(store_of, tmp_path):
    file = {"save_as": "voice.json", "url": "https://example.org/voice.json", "md5": "0" * 32}
    store = store_of({"name": "voice", "files": [file]})
    record = {"name": "voice", "files": [entry("voice.json", b"{}")]}
    with pytest.raises(ModelBroken, match="MD5"):
        import_models(store, forged(tmp_path, [record], {"voice.json": b"{}"}))
    assert visible(store.root) == []


def test_a_first_use_hash_travels(here, there, stick, publisher):
    export_models(here, ["lips"], stick)
    import_models(there, stick, accepted=["lips"])
    (there.root / "lips.onnx").unlink()
    publisher.files["lips.onnx"] = b"other lips"
    with pytest.raises(ModelBroken, match="first use"):
        there.fetch("lips", accepted=["lips"])


def test_a_damaged_file_on_a_stick_is_refused(here, there, tmp_path):
    export_models(here, ["chat"], tmp_path / "stick")
    (tmp_path / "stick" / "chat.gguf").write_bytes(DATA[:-1] + b"!")
    with pytest.raises(ModelBroken, match="damaged"):
        import_models(there, tmp_path / "stick")
    assert visible(there.root) == []
    assert left_over(there.root) == []


def test_a_stick_pulled_out_early_is_refused(here, there, tmp_path):
    stick = tmp_path / "stick.tar"
    export_models(here, ["chat"], stick)
    os.truncate(stick, stick.stat().st_size // 2)
    with pytest.raises(ModelBroken):
        import_models(there, stick)
    assert visible(there.root) == []


def test_a_damaged_model_is_not_exported(here, stick):
    (here.root / "chat.gguf").write_bytes(DATA[:-1] + b"!")
    with pytest.raises(ModelBroken, match="damaged"):
        export_models(here, ["chat"], stick)
    assert not stick.exists() or visible(stick) == ["chat.gguf.new"]


def forged(tmp_path, models: list[dict[str, object]], files: dict[str, bytes]):
    """A stick made by somebody else."""
    stick = tmp_path / "forged"
    stick.mkdir()
    for path, data in files.items():
        (stick / path).parent.mkdir(parents=True, exist_ok=True)
        (stick / path).write_bytes(data)
    (stick / INDEX).write_text(json.dumps({"version": 1, "models": models}))
    return stick


def entry(path: str, data: bytes) -> dict[str, object]:
    return {"path": path, "size": len(data), "sha256": sha256(data)}


def test_another_file_under_a_known_name_is_refused(there, tmp_path):
    evil = b"evil"
    record = {"name": "chat", "files": [entry("chat.gguf", evil)]}
    stick = forged(tmp_path, [record], {"chat.gguf": evil})
    with pytest.raises(ModelBroken, match="not the file that its publisher offers"):
        import_models(there, stick)
    assert visible(there.root) == []


@pytest.mark.parametrize(
    "path", ["../evil", "/etc/evil", "vosk-tiny/../../evil", ".records/chat.json", "a\\b"]
)
def test_paths_that_point_outside_are_refused(there, tmp_path, path):
    record = {"name": "vosk-tiny", "files": [{"path": path, "size": 1, "sha256": "0" * 64}]}
    with pytest.raises(BadInput, match="not an index"):
        import_models(there, forged(tmp_path, [record], {}))


def test_files_of_another_model_are_refused(there, tmp_path):
    parts = [entry("vosk-tiny/README", b""), entry("chat.gguf", DATA)]
    record = {"name": "vosk-tiny", "files": parts}
    with pytest.raises(ModelBroken, match="does not belong"):
        import_models(there, forged(tmp_path, [record], {"chat.gguf": DATA}))


def test_a_link_on_the_stick_is_not_followed(there, tmp_path):
    (tmp_path / "secret").write_bytes(DATA)
    record = {"name": "chat", "files": [entry("chat.gguf", DATA)]}
    stick = forged(tmp_path, [record], {})
    (stick / "chat.gguf").symlink_to(tmp_path / "secret")
    with pytest.raises(ModelBroken, match="not there"):
        import_models(there, stick)


def test_a_link_in_a_tar_is_not_followed(there, tmp_path):
    record = {"name": "chat", "files": [entry("chat.gguf", DATA)]}
    index = json.dumps({"version": 1, "models": [record]}).encode()
    stick = tmp_path / "forged.tar"
    with tarfile.open(stick, "w") as archive:
        member = tarfile.TarInfo(INDEX)
        member.size = len(index)
        archive.addfile(member, io.BytesIO(index))
        link = tarfile.TarInfo("chat.gguf")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(ModelBroken, match="not there"):
        import_models(there, stick)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 2, "models": []}', "[" * 5000])
def test_an_index_that_is_none_is_refused(there, tmp_path, text):
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / INDEX).write_text(text)
    with pytest.raises(BadInput, match="not an index"):
        import_models(there, stick)


def test_any_folder_is_not_a_stick(there, tmp_path):
    with pytest.raises(BadInput, match=INDEX):
        import_models(there, tmp_path)


def test_nothing_there_is_told(there, tmp_path, stick):
    with pytest.raises(Missing):
        import_models(there, tmp_path / "nowhere")
    with pytest.raises(Missing, match="nothing to export"):
        export_models(there, [], stick)
    with pytest.raises(Missing, match="not installed"):
        export_models(there, ["chat"], stick)


def test_no_room_is_told_before_anything_moves(here, store_of, models, tmp_path):
    export_models(here, [], tmp_path / "stick")
    full = store_of(*models, folder="full", free=1000)
    with pytest.raises(Missing, match="Make room"):
        import_models(full, tmp_path / "stick", accepted=["lips"])
    assert visible(full.root) == []


def test_a_file_from_a_browser_is_adopted(there, tmp_path):
    (tmp_path / "chat.gguf").write_bytes(DATA)
    assert import_models(there, tmp_path / "chat.gguf").names == ("chat",)
    assert (tmp_path / "chat.gguf").exists()
    assert there.verify() == {"chat": ()}


def test_a_zip_from_a_browser_is_unpacked(models, tmp_path, store_of):
    _, _, packed = models
    (tmp_path / "vosk-tiny.zip").write_bytes(zip_of(VOSK))
    store = store_of({**packed, "files": [{**packed["files"][0], "sha256": None, "size": None}]})
    assert import_models(store, tmp_path / "vosk-tiny.zip").names == ("vosk-tiny",)
    assert visible(store.root) == sorted(VOSK)


def test_the_wrong_file_from_a_browser_is_refused(there, tmp_path):
    (tmp_path / "chat.gguf").write_bytes(b"<html>")
    with pytest.raises(ModelBroken, match="bytes instead of"):
        import_models(there, tmp_path / "chat.gguf")
    assert visible(there.root) == []
    assert (tmp_path / "chat.gguf").exists()


def test_a_file_nobody_knows_is_refused(there, tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(BadInput, match="No model of the manifest"):
        import_models(there, tmp_path / "holiday.jpg")

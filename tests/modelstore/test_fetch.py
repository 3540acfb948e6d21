"""Downloads over a line that breaks, and what happens when the wrong thing arrives."""

from __future__ import annotations

import errno
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.errors import BadInput, Missing, ModelBroken
from kiosk.modelstore import files
from tests.modelstore.conftest import (
    VOSK,
    Publisher,
    left_over,
    one_file,
    sha256,
    visible,
    vosk,
    zip_of,
)

DATA = bytes(range(256)) * 2000


def test_a_model_is_fetched_verified_and_recorded(publisher, store_of):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    seen = []
    done = store.fetch("chat", progress=lambda now, total: seen.append((now, total)))
    assert (store.root / "chat.gguf").read_bytes() == DATA
    assert not done.already_there
    assert done.first_use == {}
    assert seen[-1] == (len(DATA), len(DATA))
    assert left_over(store.root) == []
    assert [state.status for state in store.states()] == ["installed"]
    assert store.verify() == {"chat": ()}


def test_fetching_again_asks_nobody(publisher, store_of):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    store.fetch("chat")
    publisher.requests.clear()
    assert store.fetch("chat").already_there
    assert publisher.requests == []


def test_a_cut_connection_is_resumed_where_it_stopped(publisher, store_of, pauses):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    publisher.cut_after["chat.gguf"] = [1000, 2000]
    store.fetch("chat")
    assert (store.root / "chat.gguf").read_bytes() == DATA
    asked = [asked for _, asked in publisher.requests]
    assert asked == ["", "bytes=1000-", "bytes=3000-"]
    assert len(pauses) == 2


def test_a_download_given_up_is_resumed_by_the_next_call(publisher, store_of, pauses):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    publisher.cut_after["chat.gguf"] = [1000, 0, 0, 0, 0, 0]
    with pytest.raises(Missing, match="goes on where it stopped"):
        store.fetch("chat")
    assert visible(store.root) == []
    assert pauses == sorted(pauses)
    publisher.cut_after.clear()
    publisher.requests.clear()
    store.fetch("chat")
    assert publisher.requests == [("chat.gguf", "bytes=1000-")]
    assert (store.root / "chat.gguf").read_bytes() == DATA


def test_a_server_that_ignores_ranges_sends_all_again(publisher, store_of):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    publisher.cut_after["chat.gguf"] = [1000]
    publisher.ignores_range = True
    store.fetch("chat")
    assert (store.root / "chat.gguf").read_bytes() == DATA


def test_a_file_that_changed_meanwhile_is_not_glued_together(publisher, store_of):
    described = one_file(publisher, "chat.gguf", DATA, known=False)
    store = store_of(described)
    publisher.etags["chat.gguf"] = '"one"'
    publisher.cut_after["chat.gguf"] = [1000, 0, 0, 0, 0, 0]
    with pytest.raises(Missing):
        store.fetch("chat")
    publisher.files["chat.gguf"] = DATA[::-1]
    publisher.etags["chat.gguf"] = '"two"'
    publisher.cut_after.clear()
    store.fetch("chat")
    assert (store.root / "chat.gguf").read_bytes() == DATA[::-1]


def test_without_hash_and_tag_a_broken_download_starts_over(publisher, store_of):
    store = store_of(one_file(publisher, "chat.gguf", DATA, known=False))
    publisher.cut_after["chat.gguf"] = [1000]
    store.fetch("chat")
    assert [asked for _, asked in publisher.requests] == ["", ""]


def test_a_busy_server_is_asked_again(publisher, store_of, pauses):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    publisher.errors["chat.gguf"] = [503, 429]
    store.fetch("chat")
    assert pauses == [1.0, 2.0]


def test_a_file_that_is_gone_is_told_at_once(publisher, store_of, pauses):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    publisher.files.clear()
    with pytest.raises(Missing, match="404"):
        store.fetch("chat")
    assert pauses == []


def test_no_network_names_the_stick(store_of):
    nobody = Publisher(url="http://127.0.0.1:1")
    store = store_of(one_file(nobody, "chat.gguf", DATA))
    with pytest.raises(Missing, match="kiosk models import"):
        store.fetch("chat")


@pytest.mark.parametrize(
    "wrong", [DATA[:-1] + b"!", DATA + b"!", DATA[:-1]], ids=["changed", "longer", "shorter"]
)
def test_the_wrong_file_is_refused_and_nothing_is_moved(publisher, store_of, wrong):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    publisher.files["chat.gguf"] = wrong
    with pytest.raises((ModelBroken, Missing)):
        store.fetch("chat")
    assert visible(store.root) == []
    assert store.states()[0].status == "available"


def test_a_server_with_a_shorter_file_is_given_up_after_some_tries(publisher, store_of, pauses):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    publisher.files["chat.gguf"] = DATA[:1000]
    with pytest.raises(Missing):
        store.fetch("chat")
    assert len(pauses) < 10
    assert 416 in publisher.answered
    assert visible(store.root) == []


def test_wrong_md5_is_refused(publisher, store_of):
    described = one_file(publisher, "voice.onnx.json", b"{}", known=False)
    described["files"][0]["md5"] = "0" * 32
    store = store_of(described)
    with pytest.raises(ModelBroken, match="MD5"):
        store.fetch("voice")
    assert visible(store.root) == []


def test_first_use_is_recorded_and_must_stay_the_same(publisher, store_of):
    store = store_of(one_file(publisher, "lips.onnx", DATA, known=False))
    assert store.fetch("lips").first_use == {"lips.onnx": sha256(DATA)}
    (store.root / "lips.onnx").unlink()
    publisher.files["lips.onnx"] = b"something else"
    with pytest.raises(ModelBroken, match="first use"):
        store.fetch("lips")
    assert visible(store.root) == []
    publisher.files["lips.onnx"] = DATA
    store.fetch("lips")
    assert store.verify() == {"lips": ()}


def test_a_model_of_two_files_appears_only_when_both_are_right(publisher, store_of):
    first = one_file(publisher, "voice.onnx", DATA)
    second = one_file(publisher, "voice.onnx.json", b"{}")
    store = store_of({"name": "voice", "files": [*first["files"], *second["files"]]})
    publisher.files["voice.onnx.json"] = b"[]"
    with pytest.raises(ModelBroken):
        store.fetch("voice")
    assert visible(store.root) == []
    publisher.files["voice.onnx.json"] = b"{}"
    publisher.requests.clear()
    store.fetch("voice")
    assert [name for name, _ in publisher.requests] == ["voice.onnx.json"]


def test_a_zip_is_unpacked_without_its_top_folder(publisher, store_of):
    store = store_of(vosk(publisher))
    store.fetch("vosk-tiny")
    assert visible(store.root) == sorted(VOSK)
    assert left_over(store.root) == []
    assert store.verify() == {"vosk-tiny": ()}


def test_special_terms_need_their_name(publisher, store_of):
    store = store_of(one_file(publisher, "lips.onnx", DATA, acknowledge=True))
    with pytest.raises(BadInput, match="--accept-licence lips"):
        store.fetch("lips")
    with pytest.raises(BadInput):
        store.fetch("lips", accepted=["another"])
    assert publisher.requests == []
    store.fetch("lips", accepted=["lips"])
    assert visible(store.root) == ["lips.onnx"]


def test_what_no_program_can_fetch_says_how_to_get_it(store_of):
    store = store_of(
        {"name": "lips", "by_hand": "Ask the authors.", "files": [{"save_as": "lips.onnx"}]}
    )
    assert store.states()[0].status == "by hand"
    with pytest.raises(Missing, match="Ask the authors"):
        store.fetch("lips")


def test_an_unknown_name_says_what_was_meant(publisher, store_of):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    with pytest.raises(BadInput, match="Did you mean chat"):
        store.fetch("chatt")


def test_the_name_in_persona_toml_will_do(publisher, store_of):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    assert store.fetch("chat.gguf").model.name == "chat"


def test_too_little_room_is_told_before_the_download(publisher, store_of):
    store = store_of(one_file(publisher, "chat.gguf", DATA), free=1000)
    with pytest.raises(Missing, match="Make room"):
        store.fetch("chat")
    assert publisher.requests == []


def test_a_disk_that_fills_up_leaves_nothing_in_use(publisher, store_of, monkeypatch):
    store = store_of(one_file(publisher, "chat.gguf", DATA))

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        with pytest.raises(Missing, match="The disk is full"):
            store.fetch("chat")
    assert visible(store.root) == []
    store.fetch("chat")
    assert store.verify() == {"chat": ()}


def test_a_damaged_file_is_found_and_fetched_again(publisher, store_of):
    store = store_of(one_file(publisher, "chat.gguf", DATA))
    store.fetch("chat")
    path = store.root / "chat.gguf"
    path.write_bytes(DATA[:-1] + b"!")
    assert store.states()[0].status == "installed"  # the size alone cannot tell
    assert "damaged" in store.verify(["chat"])["chat"][0]
    assert not store.fetch("chat").already_there
    assert path.read_bytes() == DATA
    path.write_bytes(DATA[:10])
    assert store.states()[0].status == "broken"
    store.fetch("chat")
    assert path.read_bytes() == DATA


def test_a_damaged_record_concerns_its_model_only(publisher, store_of):
    store = store_of(
        one_file(publisher, "chat.gguf", DATA), one_file(publisher, "other.gguf", DATA)
    )
    store.fetch("chat")
    store.fetch("other")
    (store.root / ".records" / "chat.json").write_text("{")
    assert [state.status for state in store.states()] == ["broken", "installed"]
    store.fetch("chat")
    assert store.verify() == {"chat": (), "other": ()}


def test_a_new_version_of_a_folder_replaces_the_old_one_whole(publisher, store_of):
    store = store_of(vosk(publisher))
    store.fetch("vosk-tiny")
    (store.root / "vosk-tiny" / "am" / "stray").write_bytes(b"")
    (store.root / "vosk-tiny" / "am" / "final.mdl").unlink()
    store.fetch("vosk-tiny")
    assert visible(store.root) == sorted(VOSK)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.integers(1, 2000), max_size=6), size=st.integers(1, 9000))
def test_however_the_line_breaks_the_file_is_whole(publisher, store_of, cuts, size):
    store = store_of(one_file(publisher, "chat.gguf", DATA[:size]), folder=f"{size}-{cuts}")
    publisher.cut_after["chat.gguf"] = list(cuts)
    store.fetch("chat")
    assert (store.root / "chat.gguf").read_bytes() == DATA[:size]


def test_an_empty_zip_is_refused(publisher, store_of):
    store = store_of(vosk(publisher, zip_of({"readme.html": b"no model"})))
    with pytest.raises(ModelBroken, match="no model"):
        store.fetch("vosk-tiny")
    assert visible(store.root) == []
    assert left_over(store.root) == []

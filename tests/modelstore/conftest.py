"""A publisher on this machine: an HTTP server that can break off, lie and fail."""

from __future__ import annotations

import hashlib
import http.server
import io
import re
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.modelstore import Manifest, Store


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Publisher:
    """What the server offers, and how it misbehaves.

    Attributes:
        files: Content by path.
        cut_after: For a path, lengths after which the next answers break off.
        errors: For a path, status codes of the next answers.
        requests: Path and Range header of every request, in order.
        answered: Status code of every answer, in order.
        ignores_range: Always sends the whole file.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    cut_after: dict[str, list[int]] = field(default_factory=dict)
    errors: dict[str, list[int]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    ignores_range: bool = False


class _Handler(http.server.BaseHTTPRequestHandler):
    publisher: Publisher

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        asked = self.headers.get("Range", "")
        self.publisher.requests.append((name, asked))
        if codes := self.publisher.errors.get(name):
            self.send_error(codes.pop(0))
            return
        if name not in self.publisher.files:
            self.send_error(404)
            return
        data, start = self.publisher.files[name], 0
        etag = self.publisher.etags.get(name, "")
        fresh = self.headers.get("If-Range", etag) == etag
        if asked and fresh and not self.publisher.ignores_range:
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
            if start >= len(data):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        cuts = self.publisher.cut_after.get(name)
        end = start + cuts.pop(0) if cuts else len(data)
        self.wfile.write(data[start:end])

    def send_response(self, code: int, message: str | None = None) -> None:
        self.publisher.answered.append(code)
        super().send_response(code, message)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    offered = Publisher()
    handler = type("Handler", (_Handler,), {"publisher": offered})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    offered.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield offered
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)
    assert not thread.is_alive()


def manifest_of(*models: dict[str, object]) -> Manifest:
    defaults = {"kind": "chat", "about": "a test", "licence": "MIT", "use": "nothing"}
    return Manifest.model_validate({"version": 1, "model": [{**defaults, **m} for m in models]})


def one_file(
    publisher: Publisher, name: str, data: bytes, *, known: bool = True, **more: object
) -> dict[str, object]:
    """Publish ``data`` and describe it as the manifest would."""
    publisher.files[name] = data
    file: dict[str, object] = {"save_as": name, "url": f"{publisher.url}/{name}"}
    if known:
        file |= {"size": len(data), "sha256": sha256(data)}
    return {"name": name.partition(".")[0], "files": [file], **more}


@pytest.fixture
def pauses() -> list[float]:
    """Every pause between attempts, in seconds; nobody really waits."""
    return []


@pytest.fixture
def store_of(tmp_path: Path, pauses: list[float]):
    """Makes a store with the models given, in a folder of its own name."""

    def make(*models: dict[str, object], folder: str = "models", free: int = 1 << 40) -> Store:
        return Store(
            tmp_path / folder,
            manifest_of(*models),
            free_bytes=lambda _: free,
            pause=pauses.append,
        )

    return make


def visible(root: Path) -> list[str]:
    """Everything in a models folder except what is hidden."""
    return sorted(
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and not path.relative_to(root).parts[0].startswith(".")
    )


def left_over(root: Path) -> list[str]:
    """What was left in the hidden working folder."""
    return sorted(path.name for path in (root / ".partial").rglob("*"))


def zip_of(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


VOSK = {
    "vosk-tiny/README": b"a model",
    "vosk-tiny/am/final.mdl": b"\0" * 5000,
    "vosk-tiny/conf/mfcc.conf": b"--sample-frequency=16000\n",
    "vosk-tiny/graph/phones/word_boundary.int": b"1 begin\n",
}


def vosk(publisher: Publisher, data: bytes | None = None) -> dict[str, object]:
    """A Vosk model as published: one zip with one top folder."""
    described = one_file(publisher, "vosk-tiny.zip", data or zip_of(VOSK))
    described["files"][0] |= {"save_as": "vosk-tiny", "unpack": "zip"}
    return described

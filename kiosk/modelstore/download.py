"""Fetching one large file over a line that breaks: resumed, retried, and checked at the end."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, Self

from kiosk.errors import Missing, ModelBroken
from kiosk.modelstore.files import (
    CHUNK_BYTES,
    Fingerprint,
    Progress,
    fingerprint,
    flush,
    md5_of,
    remove,
)
from kiosk.modelstore.manifest import Download

ATTEMPTS = 5
"""Tries in a row that bring no new byte before giving up."""
TIMEOUT_S = 30.0
FIRST_PAUSE_S = 1.0
MAX_BYTES = 64 << 30
"""For files whose publisher names no size."""

Pause = Callable[[float], None]


class Response(Protocol):
    """The part of ``http.client.HTTPResponse`` that a download needs."""

    status: int
    headers: http.client.HTTPMessage

    def read(self, amt: int, /) -> bytes: ...
    def geturl(self) -> str: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...


class _Interrupted(Exception):
    """The line broke; what has arrived stays for the next attempt."""


def download(file: Download, part: Path, *, progress: Progress, pause: Pause) -> Fingerprint:
    """Bring ``file`` to ``part``, going on where an earlier attempt stopped, and check it.

    Args:
        file: What to fetch; has a url.
        part: Where to write; kept when the line breaks, removed when its content is wrong.
        progress: Told about every block.
        pause: Waits that many seconds between attempts.

    Returns:
        Size and SHA-256 of the whole file.

    Raises:
        Missing: The server cannot be reached, or does not have the file.
        ModelBroken: What arrived is not what the manifest describes.
    """
    idle_attempts = 0
    furthest = _length(part)
    while True:
        try:
            _transfer(file, part, progress)
            break
        except _Interrupted as fault:
            idle_attempts = 1 if _length(part) > furthest else idle_attempts + 1
            furthest = max(furthest, _length(part))
            if idle_attempts >= ATTEMPTS:
                raise Missing(
                    f"could not be fetched: {fault}.",
                    where=str(file.url),
                    remedy="Check the network and run the same command again; it goes on where "
                    "it stopped. Without a network, use `kiosk models import`.",
                ) from fault
            pause(FIRST_PAUSE_S * 2 ** (idle_attempts - 1))
    return check(file, part)


def check(file: Download, part: Path) -> Fingerprint:
    """Compare a complete file with the manifest; a wrong one is removed.

    Raises:
        ModelBroken: Size or hash differ.
    """
    found = fingerprint(part)
    wrong = ""
    if file.size is not None and found.size != file.size:
        wrong = f"has {found.size} bytes instead of {file.size}"
    elif file.sha256 is not None and found.sha256 != file.sha256:
        wrong = f"has SHA-256 {found.sha256} instead of {file.sha256}"
    elif file.md5 is not None and md5_of(part) != file.md5:
        wrong = f"does not have the MD5 {file.md5}"
    if wrong:
        forget(part)
        raise ModelBroken(
            f"{wrong}; it was thrown away and nothing was installed.",
            where=file.save_as,
            remedy="Fetch it again; if it stays so, the publisher changed the file.",
        )
    return found


def forget(part: Path) -> None:
    """Remove a partial download and what is remembered about it."""
    remove(part)
    remove(_tag_path(part))


def _transfer(file: Download, part: Path, progress: Progress) -> None:
    """One attempt; returns when the whole file is there."""
    done = _length(part)
    if file.size is not None and done == file.size:
        return
    tag = _tag_path(part).read_text(encoding="utf-8") if _tag_path(part).is_file() else ""
    unchecked = file.sha256 is None and not tag  # could be glued to the rest of another version
    too_long = file.size is not None and done > file.size
    if done and (unchecked or too_long):
        forget(part)
        done = 0
    with _open(file, part, done, tag) as response:
        append = response.status == 206 and _starts_at(response) == done
        if response.status == 206 and not append:
            forget(part)
            raise _Interrupted("the server sent another part of the file")
        _remember_tag(part, response)
        total = file.size or _announced(response, done if append else 0)
        _write(response, part, done if append else 0, file.size or MAX_BYTES, total, progress)
    if total is not None and _length(part) < total:
        raise _Interrupted("the connection broke off")


def _open(file: Download, part: Path, done: int, tag: str) -> Response:
    headers = {"Accept-Encoding": "identity", "User-Agent": "persona-kiosk"}
    if done:
        headers["Range"] = f"bytes={done}-"
        if tag:
            headers["If-Range"] = tag
    url = str(file.url)
    try:
        response: Response = urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S
        )
    except urllib.error.HTTPError as fault:
        with fault:
            if fault.code >= 500 or fault.code in (408, 429):
                raise _Interrupted(f"the server answered {fault.code}") from fault
            if fault.code == 416:  # the file is shorter than what is here already
                forget(part)
                raise _Interrupted("the server holds another version of the file") from fault
            raise Missing(
                f"The server answered {fault.code} {fault.reason}.",
                where=url,
                remedy="The publisher may have moved the file; import it from another machine.",
            ) from fault
    except (OSError, http.client.HTTPException) as fault:
        raise _Interrupted(str(getattr(fault, "reason", fault))) from fault
    if url.startswith("https://") and not response.geturl().startswith("https://"):
        with response:
            raise Missing("The server redirects to an unencrypted address.", where=url)
    return response


def _write(
    response: Response, part: Path, done: int, limit: int, total: int | None, progress: Progress
) -> None:
    with part.open("ab" if done else "wb") as out:
        while True:
            try:
                block = response.read(CHUNK_BYTES)
            except (OSError, http.client.HTTPException) as fault:
                flush(out)
                raise _Interrupted(str(fault) or "the connection broke off") from fault
            if not block:
                break
            done += len(block)
            if done > limit:
                forget(part)
                raise ModelBroken(f"is longer than {limit} bytes.", where=str(part.name))
            out.write(block)
            progress(done, total)
        flush(out)


def _starts_at(response: Response) -> int:
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _announced(response: Response, done: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return done + int(length) if length.isdigit() else None


def _remember_tag(part: Path, response: Response) -> None:
    """Keep a strong validator, so that the rest of another version is never glued on."""
    tag = response.headers.get("ETag", "")
    if tag and not tag.startswith("W/"):
        _tag_path(part).write_text(tag, encoding="utf-8")
    else:
        remove(_tag_path(part))


def _tag_path(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _length(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0

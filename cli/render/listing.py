"""The list of films: look at it, call films off, try them again, forget them."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kiosk.render import Job, JobQueue

_TEXT_SHOWN = 40


def add_parsers(actions: Any) -> None:
    def action(name: str, summary: str, run: Any, *, number: bool) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = actions.add_parser(name, help=summary)
        if number:
            parser.add_argument("id", type=int, metavar="ID", help="the film's number")
        parser.set_defaults(run=run)
        return parser

    for parser in (
        action("list", "all films and what became of them", show_all, number=False),
        action("show", "one film, with the reason if it failed", show, number=True),
        action("cancel", "call a film off", cancel, number=True),
        action("retry", "put a failed or cancelled film back into the list", retry, number=True),
    ):
        parser.add_argument("--json", action="store_true", help="print JSON")
    action("purge", "forget all films that have ended, and empty the cache", purge, number=False)


def show_all(arguments: argparse.Namespace) -> int:
    """`kiosk render list`."""
    with _queue() as queue:
        queue.bring_back()
        jobs = queue.jobs()
    if arguments.json:
        print(json.dumps([job.as_record() for job in jobs], ensure_ascii=False))
        return 0
    for job in jobs:
        print(_line(job))
    return 0


def show(arguments: argparse.Namespace) -> int:
    """`kiosk render show ID`."""
    with _queue() as queue:
        queue.bring_back()
        return _print(queue.job(arguments.id), arguments)


def cancel(arguments: argparse.Namespace) -> int:
    """`kiosk render cancel ID`."""
    with _queue() as queue:
        return _print(queue.cancel(arguments.id), arguments)


def retry(arguments: argparse.Namespace) -> int:
    """`kiosk render retry ID`."""
    with _queue() as queue:
        return _print(queue.retry(arguments.id), arguments)


def purge(arguments: argparse.Namespace) -> int:
    """`kiosk render purge`."""
    del arguments
    from kiosk.render import FilmCache, films_dir

    with _queue() as queue:
        forgotten = queue.forget()
    kept = FilmCache(films_dir()).clear()
    print(f"Forgotten: {forgotten} from the list, {kept} from the cache.")
    return 0


def _queue() -> JobQueue:
    from kiosk.render import JobQueue, queue_path

    return JobQueue(queue_path())


def _print(job: Job, arguments: argparse.Namespace) -> int:
    record = job.as_record()
    if arguments.json:
        print(json.dumps(record, ensure_ascii=False))
        return 0
    request = record.pop("request")
    for name, value in {**record, **request}.items():
        if value not in ("", None):
            print(f"{name:12} {value}")
    return 0


def _line(job: Job) -> str:
    state = f"{job.progress:.0%}" if job.state == "running" else str(job.state)
    said = job.request.wav.name if job.request.wav else " ".join(job.request.text.split())
    short = said if len(said) <= _TEXT_SHOWN else said[: _TEXT_SHOWN - 1] + "…"
    return f"{job.id:>5}  {state:10} {job.request.out.name:28} {job.reason or short}"

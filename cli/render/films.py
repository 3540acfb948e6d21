"""Making films: one, a table of them, or whatever waits in the list."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.options import add_persona_option, say_faults_once, threads_for
from cli.progress import Report, bar
from kiosk.errors import BadInput

if TYPE_CHECKING:  # the models' libraries take a second, which `--help` need not wait for
    from kiosk.render import FilmRequest, Job, Outcome, Worker

VOICES = {"persona": "persona", "neutral": "kiosk"}
SUBTITLES = ("none", "burn", "srt", "vtt")
EXIT_SOME_FAILED = 2
_LOOK_AGAIN_S = 1.0


def add_options(parser: argparse.ArgumentParser) -> None:
    said = parser.add_mutually_exclusive_group()
    said.add_argument("--text", metavar="TEXT", help="what the portrait says")
    said.add_argument("--wav", type=Path, metavar="FILE", help="a recording to move the lips to")
    said.add_argument(
        "--batch",
        type=Path,
        metavar="FILE",
        help="a CSV table of films; columns: out or id, text or wav, subtitles, size, visemes",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the film (.mp4); with --batch: a folder"
    )
    parser.add_argument("--size", metavar="WxH", help="of the film (default: the idle loop's)")
    parser.add_argument("--fps", type=int, default=25, metavar="N", help="24, 25, 30, 50 or 60")
    parser.add_argument(
        "--voice",
        choices=VOICES,
        default="persona",
        help="neutral: the kiosk's own voice, to which the portrait does not move its lips",
    )
    parser.add_argument(
        "--subtitles", choices=SUBTITLES, default="none", help="in the picture, or beside the film"
    )
    parser.add_argument(
        "--visemes", type=Path, metavar="FILE", help="also write what the mouth shows, as JSON"
    )
    parser.add_argument("--no-cache", action="store_true", help="make it anew, keep no copy")
    parser.add_argument("--enqueue", action="store_true", help="only put it in the list")
    add_persona_option(parser)
    parser.set_defaults(run=make)


def add_work_parser(actions: Any) -> None:
    parser: argparse.ArgumentParser = actions.add_parser(
        "work", help="make the films that wait in the list, and those that come"
    )
    parser.add_argument("--once", action="store_true", help="end when no film waits")
    parser.set_defaults(run=work)


def make(arguments: argparse.Namespace) -> int:
    """`kiosk render --text | --wav | --batch`."""
    _check(arguments)
    from kiosk.persona import load_persona
    from kiosk.render import JobQueue, Worker, queue_path

    load_persona(arguments.persona)  # a mistake in it is told before anything is listed
    requests = _requests(arguments)
    say_faults_once()
    with JobQueue(queue_path()) as queue:
        numbers = queue.add(requests)
        if arguments.enqueue:
            print(f"In the list: {_numbers(numbers)}. Make them with 'kiosk render work --once'.")
            return 0
        try:
            outcomes = _shown(
                Worker(queue, threads_for()), numbers, table=arguments.batch is not None
            )
        except KeyboardInterrupt:
            for number in numbers:  # the rest of a table is not to be made by somebody else
                if queue.job(number).state == "queued":
                    queue.cancel(number)
            raise
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    if failed and arguments.batch is None:
        raise failed[0]  # told by ``main``, with the exit code that belongs to it
    cancelled = any(outcome.job.state == "cancelled" for outcome in outcomes)
    return EXIT_SOME_FAILED if failed or cancelled else 0


def work(arguments: argparse.Namespace) -> int:
    """`kiosk render work`."""
    from kiosk.render import JobQueue, Worker, queue_path

    say_faults_once()
    with JobQueue(queue_path()) as queue:
        worker = Worker(queue, threads_for())
        while True:
            job = queue.take()
            if job is not None:
                with bar(_title(job)) as report:
                    outcome = worker.work(job, report)
                _tell(outcome)
            elif arguments.once:
                return 0
            else:
                time.sleep(_LOOK_AGAIN_S)


def _check(arguments: argparse.Namespace) -> None:
    """Refuse wrong use before anything is loaded."""
    given = [arguments.text, arguments.wav, arguments.batch]
    if all(one is None for one in given):
        raise BadInput(
            "Say what film: --text, --wav or --batch.", remedy="See 'kiosk render --help'."
        )
    if arguments.out is None:
        raise BadInput("--out is missing.", remedy="Name the film, such as --out film.mp4.")
    if arguments.batch is not None and arguments.visemes is not None:
        raise BadInput("--visemes is for one film.", remedy="Use a column 'visemes' in the table.")
    if arguments.batch is not None and not arguments.out.is_dir():
        raise BadInput("With --batch, --out is a folder that exists.", where=arguments.out)


def _requests(arguments: argparse.Namespace) -> list[FilmRequest]:
    from kiosk.messages import Speaking
    from kiosk.render import FilmRequest, Subtitles, parse_size, read_batch

    request = FilmRequest(
        persona=arguments.persona.absolute(),
        out=arguments.out.absolute(),
        # Half characters of a shell that is not set to UTF-8 cannot be kept as text.
        text=(arguments.text or "").encode("utf-8", "replace").decode("utf-8"),
        wav=arguments.wav.absolute() if arguments.wav else None,
        size=parse_size(arguments.size) if arguments.size else None,
        fps=arguments.fps,
        voice=Speaking(VOICES[arguments.voice]),
        subtitles=Subtitles(arguments.subtitles),
        visemes=arguments.visemes.absolute() if arguments.visemes else None,
        cached=not arguments.no_cache,
    )
    if arguments.batch is not None:
        return read_batch(arguments.batch, arguments.out, request)
    request.check()
    return [request]


def _shown(worker: Worker, numbers: list[int], *, table: bool) -> list[Outcome]:
    """Work films off under a progress bar each; a table's failures are told as they come."""
    outcomes = []
    with ExitStack() as stack:

        def begin(job: Job) -> Report:
            stack.close()  # the bar of the film before
            return stack.enter_context(bar(_title(job)))

        for outcome in worker.work_off(numbers, begin):
            stack.close()
            if table or outcome.error is None:
                _tell(outcome)
            outcomes.append(outcome)
    return outcomes


def _title(job: Job) -> str:
    return f"Film {job.id}, {job.request.out.name}"


def _tell(outcome: Outcome) -> None:
    job = outcome.job
    for note in job.notes.splitlines():
        print(f"kiosk: {note}", file=sys.stderr)
    if outcome.error is not None:
        print(f"Film {job.id} failed: {outcome.error}", file=sys.stderr)
    elif job.state == "cancelled":
        print(f"Film {job.id} was cancelled.", file=sys.stderr)
    else:
        print(f"{job.request.out}{' (from the cache)' if job.from_cache else ''}", flush=True)


def _numbers(numbers: Sequence[int]) -> str:
    return f"film {numbers[0]}" if len(numbers) == 1 else f"films {numbers[0]} to {numbers[-1]}"

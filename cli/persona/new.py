"""`kiosk persona new`: a persona folder from a video or a photograph of somebody."""

from __future__ import annotations

import argparse
import datetime
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.options import Commands, say_faults_once, threads_for
from cli.progress import bar
from kiosk.errors import BadInput, KioskError

if (
    TYPE_CHECKING
):  # OpenCV and the models' libraries take a second, which `--help` need not wait for
    from kiosk.making import MadeLoop, Person
    from kiosk.persona import LoadedPersona

PREVIEW_FILE = "preview.mp4"
PREVIEW_TEXT = "Good day. I am {name}. What would you like to know?"
UNKNOWN_DATES = "Dates unknown"
_SIZE = re.compile(r"([0-9]{2,4})[x×]([0-9]{2,4})")
_SMALLEST_PX, _LARGEST_PX = 240, 1920


def add_parser(actions: Commands) -> None:
    parser: argparse.ArgumentParser = actions.add_parser(
        "new", help="make a persona folder from a video or a photograph"
    )
    parser.add_argument(
        "source", type=Path, metavar="SOURCE", help="a video, photograph or painting of one person"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="the new persona's folder"
    )
    parser.add_argument("--name", metavar="TEXT", help="name on the screen (default: the file's)")
    parser.add_argument("--dates", metavar="TEXT", help="years of life, as shown under the name")
    parser.add_argument(
        "--consent", metavar="TEXT", help="who agreed to this likeness, or why nobody had to"
    )
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="of the loop, in pixels (default: what suits)"
    )
    parser.add_argument("--no-blink", action="store_true", help="a photograph's eyes stay open")
    parser.add_argument("--no-preview", action="store_true", help="make no preview.mp4")
    parser.add_argument(
        "--force", action="store_true", help="use a folder in which there is something; it is kept"
    )
    parser.add_argument(
        "--yes", action="store_true", help="ask nothing: take what stands on the command line"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make loop, persona.toml, report and preview in a draft folder; then give it its name."""
    from kiosk.making import drafted, is_picture, require_free, write_persona, write_report

    source, out = arguments.source, arguments.out
    is_picture(source)  # what cannot be used at all is told before anything is asked
    require_free(out, force=arguments.force)
    person = _person(arguments)
    today = datetime.date.today()
    times_s: dict[str, float] = {}
    with drafted(out) as draft:
        with _timed(times_s, "loop"):
            made = _make_loop(source, draft, arguments)
        loaded = write_persona(draft, person, made, today)
        trouble = ""
        if not arguments.no_preview:
            with _timed(times_s, "preview"):
                trouble = _preview(loaded, draft / PREVIEW_FILE)
        write_report(draft, person, made, today=today, times_s=times_s)
    _tell(out, person, made, times_s, trouble)
    return 0


def _make_loop(source: Path, draft: Path, arguments: argparse.Namespace) -> MadeLoop:
    from kiosk.making import is_picture, loop_from_photo, loop_from_video

    with bar(f"Making a loop of {source.name}") as report:

        def progress(_: str, done: float, total: float) -> None:
            report(done, total)

        if is_picture(source):
            return loop_from_photo(
                source, draft, size=arguments.size, blinks=not arguments.no_blink, progress=progress
            )
        return loop_from_video(source, draft, size=arguments.size, progress=progress)


def _preview(loaded: LoadedPersona, film: Path) -> str:
    """Let the persona say one sentence, through the parts that visitors will meet.

    Returns:
        Why there is no preview, or what had to be replaced; empty if all is well.
    """
    from kiosk.render import FilmMaker, FilmRequest
    from kiosk.timing import CancelToken

    say_faults_once()
    text = PREVIEW_TEXT.format(name=loaded.persona.identity.name)
    request = FilmRequest(persona=loaded.path, out=film, text=text, cached=False)
    maker = FilmMaker(loaded, threads_for())
    try:
        with bar("Trying it out") as report:
            maker.make(request, CancelToken(), report)
    except KioskError as error:
        # The persona is good; that it cannot be tried out here is worth a word, not a failure.
        return f"There is no preview: {error}"
    return "; ".join(maker.faults)


def _person(arguments: argparse.Namespace) -> Person:
    """What only people know: from the command line, or asked for at a terminal."""
    from kiosk.making import Person

    asks = _at_a_terminal() and not arguments.yes
    fallback = arguments.source.stem.replace("_", " ").replace("-", " ").strip().title()
    name = arguments.name or (asks and _ask(f"Name on the screen [{fallback}]: ")) or fallback
    dates = arguments.dates or (asks and _ask("Years of life, such as 1799–1847: "))
    consent = arguments.consent
    if not (consent or "").strip() and asks:
        consent = _ask(
            "Who agreed to this likeness, and when? For somebody whose life belongs to the public\n"
            "domain, say so and why. This is recorded in persona.toml.\n> "
        )
    if not (consent or "").strip():
        raise BadInput(
            "Nobody's consent to this likeness is given.",
            where="--consent",
            remedy='Say who agreed and when, or why nobody had to: --consent "...".',
        )
    return Person(name.strip(), (dates or UNKNOWN_DATES).strip(), str(consent).strip())


def _at_a_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _ask(question: str) -> str:
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _size(text: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it as 1280x720")
    width, height = int(match[1]), int(match[2])
    if width % 2 or height % 2:
        raise argparse.ArgumentTypeError(f"{text}: both sides must be even")
    if min(width, height) < _SMALLEST_PX or max(width, height) > _LARGEST_PX:
        raise argparse.ArgumentTypeError(
            f"{text}: a side must have {_SMALLEST_PX} to {_LARGEST_PX} pixels"
        )
    return width, height


@contextmanager
def _timed(times_s: dict[str, float], what: str) -> Iterator[None]:
    began_s = time.monotonic()
    yield
    times_s[what] = time.monotonic() - began_s


def _tell(
    out: Path, person: Person, made: MadeLoop, times_s: dict[str, float], trouble: str
) -> None:
    width, height = made.size
    print(f"{out}: {person.name}, a loop of {made.frame_count / 25:.1f} s, {width}x{height}.")
    print(f"Seam: {made.seam}.")
    for warning in (*made.warnings, *([trouble] if trouble else [])):
        print(f"Note: {warning}")
    print(
        "Took: " + ", ".join(f"{what} {seconds:.0f} s" for what, seconds in times_s.items()) + "."
    )
    print(
        f"Next: look at {out / 'report.html'}, then fill in the TO DOs in {out / 'persona.toml'}."
    )

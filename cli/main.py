"""`kiosk`: one command, one word for what to do.

Exit codes: 0 done, 2 wrong use or a bad file, 3 something is missing on this machine. Bad input
gets one message on standard error, never a traceback.
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence

from kiosk import __version__
from kiosk.errors import KioskError

EXIT_MISSING = 3
EXIT_INTERRUPTED = 130
COMMANDS = {
    "run": "open the kiosk",
    "demo": "the kiosk with a virtual visitor, unattended, as a film",
    "ask": "one answer, in text, sound or film",
    "render": "films of the portrait saying a text, or a recording",
    "persona": "check a persona file, or build what is made from it",
    "lips": "train a lips model of one's own, or convert an official one",
    "models": "list, fetch, verify, import and export models",
    "doctor": "what is there, what is missing, what to do",
    "bench": "speed and quality of each part on this machine",
    "site": "print a commented site.toml, or check one",
    "pin": "hash a staff PIN for site.toml",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, run, and turn faults into one message and an exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names from the disk may not be printable
            stream.reconfigure(errors="backslashreplace")
    try:
        arguments = build_parser(words[0] if words else "").parse_args(words)
        code = int(arguments.run(arguments))
        sys.stdout.flush()  # here, where a closed pipe is caught
        return code
    except KioskError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output is gone (`kiosk ask - | head`): not our fault, nothing to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # The machine's own trouble: a full disk, a folder that may not be written.
        print(f"kiosk: {error.filename or 'system'}: {error.strerror or error}.", file=sys.stderr)
        return EXIT_MISSING


def build_parser(wanted: str) -> argparse.ArgumentParser:
    """All commands by name; only the wanted one's module is loaded, with its libraries."""
    parser = argparse.ArgumentParser(prog="kiosk", description="A portrait that answers.")
    parser.add_argument("--version", action="version", version=f"kiosk {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if name == wanted:
            importlib.import_module(f"cli.{name}").add_parser(commands)
        else:
            commands.add_parser(name, help=summary)
    return parser

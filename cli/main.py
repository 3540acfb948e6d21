"""`kiosk`: one command, one word for what to do.

Exit codes: 0 done, 2 wrong use or a bad file, 3 something is missing on this machine. Bad input gets
one message on standard error, never a traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from kiosk import __version__
from kiosk.errors import KioskError

EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, run, and turn faults into one message and an exit code."""
    arguments = build_parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except KioskError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output is gone (`kiosk ask - | head`): not our fault, nothing to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def build_parser() -> argparse.ArgumentParser:
    """All commands; each module adds its own."""
    from cli import ask, bench, demo, doctor, models, persona, pin, run

    parser = argparse.ArgumentParser(prog="kiosk", description="A portrait that answers.")
    parser.add_argument("--version", action="version", version=f"kiosk {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in (run, demo, ask, persona, models, doctor, bench, pin):
        module.add_parser(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())

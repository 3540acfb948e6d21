"""`kiosk render`: films offline, and the list of all that were asked for.

``kiosk render --text ... --out film.mp4`` makes a film now; the words ``list``, ``show``,
``cancel``, ``retry``, ``work`` and ``purge`` are about the list. Every film goes through it, so
that what was asked for and what became of it can be seen later, and nothing is lost in a power cut.
"""

from __future__ import annotations

import argparse

from cli.options import Commands
from cli.render import films, listing


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "render",
        help="films of the portrait saying a text, or a recording",
        description="Make a film of the portrait. Without an ACTION: now, with the options below.",
    )
    films.add_options(parser)
    actions = parser.add_subparsers(metavar="ACTION", title="actions on the list of films")
    films.add_work_parser(actions)
    listing.add_parsers(actions)

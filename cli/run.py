"""`kiosk run`: open the window for visitors."""

from __future__ import annotations

import argparse
from pathlib import Path

from cli.doctor import has_display
from cli.options import Commands, add_persona_option, threads_for
from kiosk.audio import list_devices
from kiosk.engine.config import EngineConfig
from kiosk.engine.host import EngineHost
from kiosk.engine.logs import log_to_files
from kiosk.engine.process import engine_process
from kiosk.errors import DeviceMissing, KioskError
from kiosk.persona import Site, load_or_last_good, load_site


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser("run", help="open the kiosk")
    parser.add_argument("--windowed", action="store_true", help="in a window, for trying it out")
    parser.add_argument("--site", type=Path, metavar="FILE", help="the machine's settings")
    parser.add_argument(
        "--or-demo",
        type=Path,
        metavar="DIR",
        help="where there is no display or no sound, run `kiosk demo --out DIR` instead",
    )
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    lacking = missing_here()
    if lacking and arguments.or_demo is not None:
        from cli import demo

        print(f"This machine has {' and '.join(lacking)}: running the demo, unattended.")
        return demo.make(arguments.persona, arguments.or_demo)
    if not has_display():
        raise DeviceMissing(
            "There is no display to open the window on.",
            remedy="Start it from a graphical session, or see: kiosk demo --out DIR",
        )
    site = load_site(arguments.site)
    log_to_files("window", site.log_level)
    load_or_last_good(arguments.persona)  # a broken file is told here, before a window opens
    return open_window(arguments.persona, arguments.site, site, windowed=arguments.windowed)


def missing_here() -> list[str]:
    """What a visitor would need and this machine does not have, in words."""
    lacking = [] if has_display() else ["no display"]
    try:
        devices = list_devices()
    except KioskError:
        devices = ()
    if not any(device.inputs or device.outputs for device in devices):
        lacking.append("no sound")
    return lacking


def open_window(persona: Path, site_path: Path | None, site: Site, *, windowed: bool) -> int:
    """Open the window over a real engine; returns when staff leave."""
    # Qt takes a second to load: after the checks that may end this process with a message.
    from ui.app import run_window

    config = EngineConfig(persona, site_path, threads=threads_for(site.threads))
    return run_window(
        persona,
        site,
        lambda: EngineHost(config, engine_process),
        windowed=windowed or not site.screen.fullscreen,
    )

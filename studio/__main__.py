"""`python -m studio`: make what the shipped persona consists of.

python -m studio portrait idle --format landscape --out idle.mp4
python -m studio portrait sheet --of visemes --out visemes.jpg
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cli.progress import bar
from kiosk.errors import KioskError, Missing
from studio.portrait.camera import CAMERAS
from studio.portrait.motion import LOOPS

SHEET_NAMES = ("visemes", "expressions", "picture")
HEIGHTS_PX = {"landscape": 1080, "portrait": 1920}
EXTRA = "Install it with: pip install -e '.[studio]'"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code (0 done, 2 wrong use, 3 something missing)."""
    chosen = _parser().parse_args(arguments)
    try:
        _require_moderngl()
        if chosen.what == "sheet":
            _sheet(chosen)
        else:
            _loop(chosen)
    except KioskError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m studio",
        description=(__doc__ or "").strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    rooms = parser.add_subparsers(required=True, metavar="WHAT")
    portrait = rooms.add_parser("portrait", help="render the living portrait")
    portrait.add_argument("what", choices=(*LOOPS, "sheet"), help="a loop, or a sheet of stills")
    portrait.add_argument("--format", choices=tuple(CAMERAS), default="landscape")
    portrait.add_argument("--height", type=int, metavar="PX", help="of the picture (1080, 1920)")
    portrait.add_argument("--out", type=Path, required=True, metavar="FILE", help="MP4, or JPEG")
    portrait.add_argument("--workers", type=int, default=1, help="processes that draw (1)")
    portrait.add_argument(
        "--draw-every", type=int, default=4, metavar="N",
        help="draw every Nth frame and morph those between (4; 1: draw all)",
    )  # fmt: skip
    portrait.add_argument("--of", choices=SHEET_NAMES, default="visemes", help="what a sheet shows")
    portrait.add_argument("--columns", type=int, default=5, help="of a sheet (5)")
    return parser


def _loop(chosen: argparse.Namespace) -> None:
    from studio.portrait.loops import render_loop

    camera = CAMERAS[chosen.format].scaled(chosen.height or HEIGHTS_PX[chosen.format])
    loop = LOOPS[chosen.what]
    with bar(f"Rendering {chosen.out.name}") as report:
        done = render_loop(
            loop, camera, chosen.out,
            key_every=chosen.draw_every, workers=chosen.workers, report=report,
        )  # fmt: skip
    size_mb = done.film.stat().st_size / 1e6
    print(
        f"{done.film}: {loop.frame_count} frames {camera.width_px}x{camera.height_px}, "
        f"{done.frames_rendered} drawn now in {done.seconds:.0f} s, "
        f"{size_mb:.1f} MB at crf {done.crf}"
    )


def _sheet(chosen: argparse.Namespace) -> None:
    from studio.portrait.renderer import Renderer
    from studio.portrait.sheets import SHEETS, compose, draw_sheet, write_jpeg

    camera = CAMERAS[chosen.format].scaled(chosen.height or HEIGHTS_PX[chosen.format])
    renderer = Renderer(camera)
    tiles = []
    with bar(f"Drawing {chosen.out.name}") as report:
        for tile in draw_sheet(renderer, chosen.of):
            tiles.append(tile)
            report(len(tiles), len(SHEETS[chosen.of]))
    write_jpeg(chosen.out, compose(tiles, min(chosen.columns, len(tiles))))
    renderer.close()


def _require_moderngl() -> None:
    try:
        import moderngl  # noqa: F401
    except ImportError as error:
        raise Missing("The package moderngl is not installed.", remedy=EXTRA) from error


if __name__ == "__main__":
    sys.exit(main())

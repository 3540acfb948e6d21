"""report.html: how a new persona's loop was made and how good it is, in one file to pass on."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import cv2

from kiosk.making.made import Exhibit, MadeLoop
from kiosk.making.persona_file import Person
from kiosk.video import LOOP_FPS

REPORT_FILE = "report.html"
_MOST_WIDTH_PX = 1200
_JPEG_QUALITY = 88

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 17px/1.5 sans-serif; color: #222; background: #faf8f4; margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem; }}
h1 {{ font: 2rem serif; margin-bottom: 0; }}
h2 {{ font: 1.3rem serif; margin-top: 2rem; }}
img {{ max-width: 100%; display: block; }}
figure {{ margin: 1rem 0 2rem; }}
figcaption {{ color: #555; }}
th {{ text-align: left; padding-right: 2rem; font-weight: normal; color: #555; }}
.warn {{ background: #fff3d6; padding: .6rem 1rem; border-left: 4px solid #c9a227; }}
</style>
<h1>{name}</h1>
<p>{dates}</p>
<table>{facts}</table>
{warnings}
<h2>How it was made</h2>
<ul>{method}</ul>
<h2>Pictures</h2>
{figures}
<h2>What to do now</h2>
<ol>
<li>Watch <code>preview.mp4</code>, if it is there, and <code>idle.mp4</code> in a player that
repeats. Does it look like the person, and at ease?</li>
<li>Open <code>persona.toml</code> in a text editor and go from one TO DO to the next.</li>
<li><code>kiosk persona check --persona persona.toml</code></li>
<li><code>kiosk run --persona persona.toml</code></li>
</ol>
</html>
"""


def write_report(
    folder: Path,
    person: Person,
    made: MadeLoop,
    *,
    today: datetime.date,
    times_s: Mapping[str, float],
) -> Path:
    """Write the report into ``folder``; pictures are inside the file.

    Args:
        folder: The persona's folder.
        person: Whose likeness it is.
        made: The loop.
        today: Date of the report.
        times_s: What took how long.
    """
    size_mb = made.loop.stat().st_size / 1e6
    facts = {
        "Made from": made.source.name,
        "On": today.isoformat(),
        "Consent": person.consent,
        "Loop": f"{made.size[0]} x {made.size[1]} pixels, {made.frame_count / LOOP_FPS:.1f} s at "
        f"{LOOP_FPS} frames a second, {size_mb:.1f} MB",
        "Seam": f"{made.seam}".capitalize()
        + (". It shows." if made.seam.shows else ". It does not show."),
        "Times": ", ".join(f"{what} {seconds:.0f} s" for what, seconds in times_s.items()),
    }
    page = _PAGE.format(
        title=escape(f"{person.name}: report"),
        name=escape(person.name),
        dates=escape(person.dates),
        facts="".join(
            f"<tr><th>{escape(key)}</th><td>{escape(value)}</td></tr>"
            for key, value in facts.items()
        ),
        warnings="".join(f'<p class="warn">{escape(text)}</p>' for text in made.warnings),
        method=_items(made.method),
        figures="".join(_figure(exhibit) for exhibit in made.exhibits),
    )
    path = folder / REPORT_FILE
    path.write_text(page, encoding="utf-8")
    return path


def _items(lines: Sequence[str]) -> str:
    return "".join(f"<li>{escape(line)}</li>" for line in lines)


def _figure(exhibit: Exhibit) -> str:
    picture = exhibit.picture
    scale = min(1.0, _MOST_WIDTH_PX / picture.shape[1])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    encoded = base64.b64encode(data.tobytes()).decode("ascii")
    title = escape(exhibit.title)
    return (
        f'<figure><img alt="{title}" src="data:image/jpeg;base64,{encoded}">'
        f"<figcaption>{title}</figcaption></figure>"
    )

"""How far a long job is: a bar on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Report = Callable[[float, float], None]
"""Told (done, of how much), in any unit, as often as is convenient."""

LINE_EVERY_S = 15.0  # a log shall show that the job lives, and not fill up


@contextmanager
def bar(title: str) -> Iterator[Report]:
    """Show the progress of one job on standard error, with the time it took and will take.

    Args:
        title: What is being done, e.g. "Rendering film.mp4".
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(title)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _lines(title: str) -> Report:
    said_s = time.monotonic()

    def report(done: float, total: float) -> None:
        nonlocal said_s
        now_s = time.monotonic()
        if now_s - said_s >= LINE_EVERY_S:
            said_s = now_s
            print(f"{title}: {100 * done / max(total, 1e-9):.0f} %", file=sys.stderr, flush=True)

    return report

"""How far a long job is: a bar on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

Report = Callable[[float, float | None], None]
"""Told (done, of how much), in any unit, as often as is convenient; None: of nobody knows what."""

LINE_EVERY_S = 15.0  # a log shall show that the job lives, and not fill up


@contextmanager
def bar(title: str, *, in_bytes: bool = False) -> Iterator[Report]:
    """Show the progress of one job on standard error, with the time it took and will take.

    Args:
        title: What is being done, e.g. "Rendering film.mp4".
        in_bytes: It is a transfer, told about in bytes: show them and their rate.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(title)
        return
    columns: list[ProgressColumn] = [TextColumn("{task.description}", markup=False), BarColumn()]
    if in_bytes:
        columns += [DownloadColumn(), TransferSpeedColumn()]
    else:
        columns += [TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn()]
    columns.append(TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _lines(title: str) -> Report:
    said_s = time.monotonic()

    def report(done: float, total: float | None) -> None:
        nonlocal said_s
        now_s = time.monotonic()
        if total and now_s - said_s >= LINE_EVERY_S:
            said_s = now_s
            print(f"{title}: {100 * done / total:.0f} %", file=sys.stderr, flush=True)

    return report

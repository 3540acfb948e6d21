"""One stage of a pipeline: an iterator that runs on a thread of its own, a little ahead."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _Ended:
    """The last thing a stage says.

    Attributes:
        error: What ended it early; None if it came to its end.
    """

    error: BaseException | None


@contextmanager
def ahead(items: Iterable[T], room: int, name: str) -> Iterator[Iterator[T]]:
    """Run ``items`` on a thread, at most ``room`` of them ahead of who takes them.

    The libraries that do the work (onnxruntime, FFmpeg, OpenCV) let go of the interpreter while
    they compute, so stages share the cores without a process each. An exception in the thread
    appears where the items are taken. On leaving, the thread ends after the item it is at.

    Args:
        items: What to make; only the thread touches it.
        room: Items that may wait.
        name: Of the thread.
    """
    waiting: queue.Queue[T | _Ended] = queue.Queue(room)
    leaving = threading.Event()

    def make() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                waiting.put(item)
                if leaving.is_set():
                    return
        except BaseException as caught:  # raised again by ``take``
            error = caught
        waiting.put(_Ended(error))

    def take() -> Iterator[T]:
        while True:
            item = waiting.get()
            if not isinstance(item, _Ended):
                yield item
                continue
            waiting.put(item)  # whoever asks again after the end gets the end again
            if item.error is not None:
                raise item.error
            return

    thread = threading.Thread(target=make, name=name, daemon=True)
    thread.start()
    try:
        yield take()
    finally:
        leaving.set()
        while thread.is_alive():  # it may be waiting for room
            while not waiting.empty():
                waiting.get_nowait()
            thread.join(0.01)

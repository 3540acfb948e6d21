"""What holds for every test: no thread stays behind, and nothing warns in the logs unasked."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings

# The same examples everywhere, and no time limits: a busy machine is no fault of the code.
settings.register_profile("kiosk", deadline=None, derandomize=True)
settings.load_profile("kiosk")

GRACE_S = 3.0
OURS = ("kiosk", "ui", "cli")
# Started once for the whole process by libraries or by multiprocessing, and meant to stay.
STAYING = ("pydevd", "QueueFeederThread", "asyncio", "ThreadPoolExecutor", "Tqdm", "pyo3")


def pytest_collection_finish() -> None:
    """A test module that imports kaldifst hangs the first one that loads vosk: each carries its own
    OpenFst (see kiosk.asr.builtin.cache)."""
    if "kaldifst" in sys.modules:
        raise pytest.UsageError("a test module imports kaldifst; run what needs it in a process")


class _Warnings(logging.Handler):
    """Collects warnings of the project's own loggers."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".")[0] in OURS:
            self.records.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_thread_stays_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until_s = time.monotonic() + GRACE_S
    while leaked := [
        thread
        for thread in threading.enumerate()
        if thread not in before and thread.is_alive() and not thread.name.startswith(STAYING)
    ]:
        assert time.monotonic() < until_s, f"threads left behind: {leaked}"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def no_unasked_warning(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that expects warnings says so: by ``caplog``, or with the mark ``warns``."""
    handler = _Warnings()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    expected = "caplog" in request.fixturenames or request.node.get_closest_marker("warns")
    assert expected or not handler.records, handler.records

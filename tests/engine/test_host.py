"""Engine processes that end, hang and come back, seen from the window."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from kiosk.engine.config import EngineConfig
from kiosk.engine.host import EXIT_FOR_NEW_PICTURE, EngineHost
from kiosk.engine.restart import EARLY_DEATHS_UNTIL_SAFE
from kiosk.messages import (
    EngineReady,
    Health,
    Heartbeat,
    LinkState,
    Shape,
    ShapeShown,
    Shutdown,
    StaffNotice,
    Touched,
)

LIMIT_S = 30.0
pytestmark = pytest.mark.warns  # a dead engine is worth a line in the log


def good_engine(config: EngineConfig, inbox: Connection, outbox: Connection) -> None:
    """Beats, echoes, and stops when told."""
    del config
    outbox.send(EngineReady({}, 0.0))
    beat = 0
    while True:
        beat += 1
        outbox.send(Heartbeat(beat, 0))
        if inbox.poll(0.1):
            message = inbox.recv()
            if isinstance(message, Shutdown):
                return
            outbox.send(StaffNotice(type(message).__name__))


def telling_engine(config: EngineConfig, inbox: Connection, outbox: Connection) -> None:
    """Says for which shape it was started, then does as a good one."""
    outbox.send(StaffNotice(str(config.shape)))
    good_engine(config, inbox, outbox)


def crashing_engine(config: EngineConfig, inbox: Connection, outbox: Connection) -> None:
    del config, inbox, outbox
    os.abort()


def hanging_engine(config: EngineConfig, inbox: Connection, outbox: Connection) -> None:
    """Alive, but its beat stands still."""
    del config, inbox
    outbox.send(EngineReady({}, 0.0))
    while True:
        outbox.send(Heartbeat(1, 0))
        time.sleep(0.1)


def changing_engine(config: EngineConfig, inbox: Connection, outbox: Connection) -> None:
    del config, inbox, outbox
    os._exit(EXIT_FOR_NEW_PICTURE)


class Watcher:
    """Collects what the host reports."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.health: list[Health] = []
        self._changed = threading.Condition()

    def message(self, message: Any) -> None:
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()

    def link(self, state: LinkState) -> None:
        with self._changed:
            self.health.append(state.health)
            self._changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, LIMIT_S), (self.health, self.messages)


Start = Callable[[Any], tuple[EngineHost, Watcher]]


@pytest.fixture
def start() -> Iterator[Start]:
    hosts: list[EngineHost] = []

    def start_host(target: Any) -> tuple[EngineHost, Watcher]:
        host, watcher = EngineHost(EngineConfig(Path("persona.toml")), target), Watcher()
        hosts.append(host)
        host.start(watcher.message, watcher.link)
        return host, watcher

    yield start_host
    for host in hosts:
        host.stop()
        assert host.pid is None, "no process is left behind"


def test_messages_cross_both_ways(start: Start) -> None:
    host, watcher = start(good_engine)
    watcher.wait(lambda: Health.UP in watcher.health)
    host.send(Touched())
    watcher.wait(lambda: StaffNotice("Touched") in watcher.messages)


def test_an_engine_begins_with_the_shape_the_window_last_told() -> None:
    host, watcher = EngineHost(EngineConfig(Path("persona.toml")), telling_engine), Watcher()
    host.send(ShapeShown(Shape.UPRIGHT))  # before there is an engine
    host.start(watcher.message, watcher.link)
    try:
        watcher.wait(lambda: StaffNotice("upright") in watcher.messages)
        host.send(ShapeShown(Shape.WIDE))
        host.restart()
        watcher.wait(lambda: StaffNotice("wide") in watcher.messages)
    finally:
        host.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_killed_engine_is_replaced(start: Start, how: signal.Signals) -> None:
    host, watcher = start(good_engine)
    watcher.wait(lambda: Health.UP in watcher.health)
    first = host.pid
    assert first is not None
    os.kill(first, how)
    watcher.wait(lambda: watcher.health.count(Health.UP) == 2)
    assert host.pid != first
    assert Health.DOWN in watcher.health


def test_a_stopped_engine_is_noticed_and_replaced(start: Start) -> None:
    host, watcher = start(good_engine)
    watcher.wait(lambda: Health.UP in watcher.health)
    assert host.pid is not None
    os.kill(host.pid, signal.SIGSTOP)
    watcher.wait(lambda: watcher.health.count(Health.UP) == 2)


def test_a_beat_that_stands_still_is_a_hang(start: Start) -> None:
    _, watcher = start(hanging_engine)
    watcher.wait(lambda: watcher.health.count(Health.BOOTING) == 2)


def test_a_crash_loop_ends_at_the_safe_screen(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.engine.restart.FIRST_DELAY_S", 0.01)
    monkeypatch.setattr("kiosk.engine.restart.LONGEST_DELAY_S", 0.02)
    host, watcher = start(crashing_engine)
    watcher.wait(lambda: Health.SAFE in watcher.health)
    assert host.starts == EARLY_DEATHS_UNTIL_SAFE


def test_a_wanted_restart_is_no_death(start: Start) -> None:
    host, watcher = start(changing_engine)
    watcher.wait(lambda: watcher.health.count(Health.BOOTING) >= 4)
    assert Health.DOWN not in watcher.health
    assert host.starts >= 3


def test_staff_can_restart(start: Start) -> None:
    host, watcher = start(good_engine)
    watcher.wait(lambda: Health.UP in watcher.health)
    host.restart()
    watcher.wait(lambda: watcher.health.count(Health.UP) == 2)

"""The window's side of the engine: start it, watch its heartbeat, replace it.

Audio servers and native model libraries can hang or abort without a Python exception, so they live
in a process that can be killed. A new engine is started when the old one ends, falls silent for
``HUNG_AFTER_S``. While it boots, native loaders may hold the interpreter for seconds, so it is
given ``BOOT_SILENCE_S``.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from kiosk.engine.config import EngineConfig
from kiosk.engine.link import Outbox
from kiosk.engine.restart import RestartPolicy
from kiosk.messages import (
    EngineReady,
    Health,
    Heartbeat,
    LinkState,
    ShapeShown,
    Shutdown,
    ToEngine,
    ToWindow,
)
from kiosk.timing import Clock, SystemClock

log = logging.getLogger(__name__)

HUNG_AFTER_S = 3.0
BOOT_SILENCE_S = 15.0
POLL_S = 0.25
STOP_S = 3.0
EXIT_FOR_NEW_PICTURE = 64  # a new persona or another loop: the engine asks for it, no death

OnMessage = Callable[[ToWindow], None]
OnLink = Callable[[LinkState], None]
Target = Callable[[EngineConfig, Connection, Connection], None]


class EngineHost:
    """Aim: keep one engine process alive and pass messages both ways.

    Callbacks run on the host's own thread. ``send`` may be called from any thread and drops
    messages while there is no engine; the new engine starts with a new visit anyway. Only the
    window's shape is remembered: an engine loads its lips for it.

    Attributes:
        starts: How many engine processes were started.
        pid: Process id of the running engine; None between two engines.
    """

    def __init__(self, config: EngineConfig, target: Target, clock: Clock | None = None) -> None:
        self.starts = 0
        self._config = config
        self._target = target
        self._clock = clock or SystemClock()
        self._context = multiprocessing.get_context("spawn")
        self._policy = RestartPolicy()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._outbox: Outbox | None = None
        self._ready_at_s: float | None = None
        self._thread: threading.Thread | None = None
        # Before multiprocessing's own handler, which would wait for the engine for ever.
        atexit.register(self.stop)

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None else None

    def start(self, on_message: OnMessage, on_link: OnLink) -> None:
        """Begin; returns at once."""
        self._on_message, self._on_link = on_message, on_link
        self._thread = threading.Thread(target=self._run, name="engine-host", daemon=True)
        self._thread.start()

    def send(self, message: ToEngine) -> None:
        """Send to the running engine, if there is one."""
        with self._lock:
            if isinstance(message, ShapeShown):
                self._config = replace(self._config, shape=message.shape)
            if self._outbox is not None:
                self._outbox.send(message)

    def restart(self) -> None:
        """Replace the engine now (staff's wish)."""
        self._policy.forgive()
        self._wake.set()
        process = self._process
        if process is not None:
            process.kill()

    def stop(self) -> None:
        """Stop in order, kill what does not stop; returns when no process is left."""
        self._stopping.set()
        self._wake.set()
        self.send(Shutdown())
        atexit.unregister(self.stop)
        if self._thread is not None:
            self._thread.join(STOP_S + 2 * POLL_S + 1.0)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._on_link(LinkState(Health.BOOTING))
            self._ready_at_s = None
            why, wanted = self._run_one()
            if self._stopping.is_set():
                break
            if wanted:
                continue
            ready_at_s = self._ready_at_s
            served_s = 0.0 if ready_at_s is None else self._clock.now_s() - ready_at_s
            decision = self._policy.died(served_s)
            log.warning("engine gone (%s); next start in %.1f s", why, decision.delay_s)
            self._on_link(LinkState(Health.SAFE if decision.safe else Health.DOWN, why))
            self._wake.wait(decision.delay_s)
            self._wake.clear()

    def _run_one(self) -> tuple[str, bool]:
        """Run one engine to its end; return why it ended and whether that was its own wish."""
        to_engine, inbox = self._context.Pipe(duplex=False)[::-1]
        outbox_engine: Connection
        from_engine, outbox_engine = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=self._target,
            args=(self._config, inbox, outbox_engine),
            name="kiosk-engine",
            daemon=False,  # it starts helpers of its own, which a daemonic process may not
        )
        process.start()
        # Our copies of the child's ends must go, or the end of the child would not end the pipe.
        inbox.close()
        outbox_engine.close()
        self.starts += 1
        with self._lock:
            self._process = process
            self._outbox = Outbox(to_engine, "to-engine")
        try:
            why = self._watch(process, from_engine)
        finally:
            with self._lock:
                outbox, self._outbox, self._process = self._outbox, None, None
            if outbox is not None:
                outbox.close(timeout_s=0.2)
            _end(process, grace_s=STOP_S if self._stopping.is_set() else 0.0)
            from_engine.close()
        wanted = process.exitcode == EXIT_FOR_NEW_PICTURE
        return f"{why}, exit code {process.exitcode}", wanted

    def _watch(self, process: SpawnProcess, connection: Connection) -> str:
        """Pass messages on until the engine ends or hangs; return which."""
        alive_at_s = self._clock.now_s()
        limit_s = BOOT_SILENCE_S
        beat: tuple[Any, ...] = ()
        while True:
            try:
                if connection.poll(POLL_S):
                    message = connection.recv()
                    if isinstance(message, Heartbeat):
                        if (message.beat, message.audio_blocks) != beat:
                            beat = (message.beat, message.audio_blocks)
                            alive_at_s = self._clock.now_s()
                    elif isinstance(message, EngineReady):
                        limit_s = HUNG_AFTER_S
                        self._ready_at_s = self._clock.now_s()
                        self._on_link(LinkState(Health.UP))
                    self._on_message(message)
            except (EOFError, OSError):
                return "ended"
            if self._stopping.is_set() and not process.is_alive():
                return "stopped"
            if self._stopping.is_set() and self._clock.now_s() - alive_at_s > STOP_S:
                return "stopped late"
            if self._clock.now_s() - alive_at_s > limit_s:
                return "hung"


def _end(process: SpawnProcess, grace_s: float) -> None:
    """Wait ``grace_s`` for the process, then kill it; leaves no zombie."""
    process.join(grace_s)
    if process.is_alive():
        process.kill()
    process.join(STOP_S)

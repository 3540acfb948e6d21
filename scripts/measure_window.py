"""What the window costs by itself: processor time, frames a second, and time to the first picture.

    python scripts/measure_window.py                            # 1280x720, in a window, idle
    python scripts/measure_window.py --size 1920x1080 --fullscreen --state speaking
    python scripts/measure_window.py --persona FILE --settle 15  # from the second round on

Starts an X server of its own and the window on it, with a scripted engine that costs nothing, and
prints one JSON object:

- ``cpu``: processor time of the window's process over the measured seconds, 1.0 is one whole core;
- ``fps``: video frames handed to Qt in each of these seconds;
- ``first_picture_s``: from starting the interpreter until the first frame was on screen;
- ``median_ms``, ``p95_ms``: with ``--state speaking``, the lips' offset from the scripted sound.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.messages import (
    Health,
    LinkState,
    LoopEpoch,
    MouthPatch,
    PlaybackPosition,
    Speaking,
    State,
    StateChanged,
    SyncMeasured,
    ToEngine,
    ToWindow,
    UtteranceEnded,
    UtteranceStarted,
)
from kiosk.persona import Site
from kiosk.room.screen import Screen

PERSONA = Path(__file__).parents[1] / "persona.toml"
FPS = 25
STATES = ("idle", "listening", "thinking", "speaking")
SPEAK_IN_S = 0.5  # from the announcement of an utterance to its first sample
PATCH_PX = 160  # edge of the mouth's pixels
REPORT_MS = 20


@dataclass
class ScriptedLink:
    """An engine that is up at once and says what it is told to say."""

    sent: list[ToEngine] = field(default_factory=list)

    def start(
        self, on_message: Callable[[ToWindow], None], on_link: Callable[[LinkState], None]
    ) -> None:
        self.says = on_message
        on_link(LinkState(Health.UP))
        on_message(StateChanged(State.IDLE, 1))

    def send(self, message: ToEngine) -> None:
        self.sent.append(message)

    def restart(self) -> None:
        """Staff are not here."""

    def stop(self) -> None:
        """Nothing runs."""


class Speech:
    """One utterance, as long as the measurement, reported as the engine reports its own."""

    def __init__(self, link: ScriptedLink, seconds: float, loop_frames: int) -> None:
        self._link = link
        self._starts_at_s = time.monotonic() + SPEAK_IN_S
        epoch = next(m for m in reversed(link.sent) if isinstance(m, LoopEpoch))
        loop_index = int((self._starts_at_s - epoch.epoch_at_s) * FPS // 1) % loop_frames
        link.says(StateChanged(State.SPEAKING, 1))
        link.says(UtteranceStarted(1, Speaking.PERSONA, loop_index, self._starts_at_s))
        mouth = np.full((PATCH_PX, PATCH_PX, 3), 120, np.uint8)
        for frame in range(round(seconds * FPS) + FPS):
            under = (loop_index + frame) % loop_frames
            link.says(MouthPatch(1, frame, under, 560, 280, mouth))

    def report(self) -> None:
        """Send the position, as if the sound had no hitch."""
        now_s = time.monotonic()
        self._link.says(PlaybackPosition(1, max(0.0, now_s - self._starts_at_s), now_s))

    def end(self) -> SyncMeasured:
        """Finish; what the window measured."""
        heard_s = time.monotonic() - self._starts_at_s
        self._link.says(UtteranceEnded(1, heard_s, interrupted=False))
        return next(m for m in reversed(self._link.sent) if isinstance(m, SyncMeasured))


def show(options: argparse.Namespace) -> dict[str, Any]:
    """Run the window in this process; returns the figures."""
    started_at_s, seconds, state = options.started_at, options.seconds, State(options.state)
    from PySide6.QtCore import QTimer

    from ui.app import run_window
    from ui.conductor import Conductor
    from ui.window import KioskWindow

    link = ScriptedLink()
    figures: dict[str, Any] = {}

    def measure(window: KioskWindow, conductor: Conductor) -> None:
        seen_at_s = window.portrait.seen_at_s
        assert seen_at_s is not None, window.portrait.error
        figures["first_picture_s"] = round(seen_at_s - started_at_s, 2)
        frames = [0]
        begin_s: list[float] = []
        speech: list[Speech] = []
        reports = QTimer(window)
        reports.setInterval(REPORT_MS)

        def count() -> None:
            frames[0] += 1

        def begin() -> None:
            if state is State.SPEAKING:
                speech.append(Speech(link, seconds, window.portrait.loop_frames()))
                reports.timeout.connect(speech[0].report)
                reports.start()
            window.portrait.handed_over.connect(count)
            begin_s.extend((time.monotonic(), time.process_time()))

        def end() -> None:
            wall_s = time.monotonic() - begin_s[0]
            figures["cpu"] = round((time.process_time() - begin_s[1]) / wall_s, 3)
            figures["fps"] = round(frames[0] / wall_s, 2)
            if speech:
                reports.stop()
                sync = speech[0].end()
                figures["median_ms"], figures["p95_ms"] = (
                    round(sync.median_ms, 1),
                    round(sync.p95_ms, 1),
                )
                figures["dropped"] = sync.dropped
            conductor.left.emit()

        if state in (State.LISTENING, State.THINKING):
            link.says(StateChanged(state, 1))
        QTimer.singleShot(round(1000 * options.settle), window, begin)
        QTimer.singleShot(round(1000 * (options.settle + seconds)), window, end)

    windowed = not options.fullscreen
    run_window(options.persona, Site(), lambda: link, windowed=windowed, on_ready=measure)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", default="1280x720", help="of the screen, pixels")
    parser.add_argument("--fullscreen", action="store_true", help="instead of a window of 1280x720")
    parser.add_argument("--persona", type=Path, default=PERSONA, help="whose loops (the shipped)")
    parser.add_argument("--state", choices=STATES, default="idle", help="speaking: with a mouth")
    parser.add_argument("--settle", type=float, default=2.0, help="seconds before measuring")
    parser.add_argument("--seconds", type=float, default=8.0, help="to measure over")
    parser.add_argument("--started-at", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.started_at is not None:  # the process on the screen
        print(json.dumps(show(options)))
        return
    width, height = (int(edge) for edge in options.size.split("x"))
    with Screen(width, height) as screen:
        # Monotonic time is the machine's, so it means the same in the other process.
        command = [sys.executable, *sys.argv, "--started-at", repr(time.monotonic())]
        done = subprocess.run(
            command, env=screen.env, check=True, stdout=subprocess.PIPE, text=True
        )
    figures = json.loads(done.stdout.splitlines()[-1])
    asked = {"size": options.size, "fullscreen": options.fullscreen, "state": options.state}
    print(json.dumps(asked | {"seconds": options.seconds} | figures))


if __name__ == "__main__":
    main()

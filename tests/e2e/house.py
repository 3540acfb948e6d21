"""A whole museum in a box: sound server, screen, hands, and the kiosk as visitors meet it.

Nothing here knows the kiosk's inside. It is started as a program, its button is pressed with
xdotool, questions are spoken into the virtual microphone, and what comes back is read from the
screen, from the loudspeaker, and from the files that the operator's settings allow.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import mss
import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.audio import SAMPLE_RATE_HZ, write_wav
from kiosk.room import screen as screen_module
from kiosk.room import sound as sound_module
from kiosk.room.process import engines_of
from kiosk.room.recorder import Recorder
from kiosk.room.screen import Screen
from kiosk.room.sound import SoundRoom
from kiosk.tts import PiperVoiceEngine

ROOT = Path(__file__).parents[2]
VISITOR_VOICE = ROOT / "models" / "rms16.onnx"
BOOT_LIMIT_S = 120.0
SITE = """\
format = 1
[storage]
keep_transcripts = {keep}
"""


def missing() -> str:
    """Why the house cannot be built here; empty if it can."""
    packages = {*sound_module.missing_programs(), *screen_module.missing_programs()}
    if shutil.which("xdotool") is None:
        packages.add("xdotool")
    return f"needs {', '.join(sorted(packages))}" if packages else ""


@dataclass
class Look:
    """Pictures of one part of the screen with the time of each."""

    at_s: list[float] = field(default_factory=list)
    frames: list[NDArray[np.uint8]] = field(default_factory=list)


class House:
    """Context manager: a running kiosk and everything around it.

    Args:
        folder: For configuration, data, logs and recordings.
        persona: persona.toml to show.
        size: Screen, pixels.
        keep_transcripts: The operator's switch; what was heard and answered is read from there.
        cache: What `kiosk persona build` made, to start quickly.
        home: The kiosk's own folders, if not in ``folder``.
        write_site: False if ``home`` is furnished already.
        wrapper: Words before the kiosk's own command line, such as ``unshare``'s.
    """

    def __init__(
        self,
        folder: Path,
        *,
        persona: Path = ROOT / "persona.toml",
        size: tuple[int, int] = (1280, 720),
        keep_transcripts: bool = True,
        cache: Path | None = None,
        home: Path | None = None,
        write_site: bool = True,
        wrapper: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.home = home or folder / "home"
        self.size = size
        self._persona = persona
        self._keep = keep_transcripts
        self._cache = cache
        self._write_site = write_site
        self._wrapper = wrapper
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.room = stack.enter_context(SoundRoom())
            self.screen = stack.enter_context(Screen(*self.size, env=self.room.env))
            if self._write_site:
                self._furnish()
            self.env = {**self.screen.env, "KIOSK_HOME": str(self.home), "QT_QPA_PLATFORM": "xcb"}
            self._log = stack.enter_context((self.folder / "kiosk.log").open("wb"))
            run = (sys.executable, "-m", "cli", "run", "--persona", str(self._persona))
            command = [*self._wrapper, *run]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=self._log, stderr=subprocess.STDOUT
            )
            stack.callback(self._close)
            self.wait(lambda: self.boots() > 0, BOOT_LIMIT_S, "the engine is ready")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    # --- hands and voice ----------------------------------------------------------------------

    @property
    def button(self) -> tuple[int, int]:
        """Centre of the talk button on the screen."""
        width, height = self.size
        return (round(width * 0.832), round(height * 0.772))

    def xdotool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self.env, check=True, timeout=10)

    def press(self) -> None:
        x, y = self.button
        self.xdotool("mousemove", str(x), str(y), "mousedown", "1")

    def release(self) -> None:
        self.xdotool("mouseup", "1")

    def ask(self, question: str) -> None:
        """Hold the button, say it aloud, let go."""
        wav, seconds = self.recording(question)
        self.press()
        time.sleep(0.35)
        self.room.say(wav)
        time.sleep(seconds + 0.25)
        self.release()

    def recording(self, text: str) -> tuple[Path, float]:
        """The question in a voice that is not the persona's, and its length."""
        voice = PiperVoiceEngine(VISITOR_VOICE)
        samples = np.concatenate([c.samples for c in voice.speak((text,))])
        heard = soxr.resample(samples, voice.sample_rate_hz, SAMPLE_RATE_HZ)
        path = self.folder / f"{abs(hash(text))}.wav"
        write_wav(path, heard, SAMPLE_RATE_HZ)
        return path, len(heard) / SAMPLE_RATE_HZ

    # --- eyes and ears ------------------------------------------------------------------------

    def recorder(self) -> Recorder:
        return Recorder(self.room)

    def answers(self) -> list[dict[str, Any]]:
        """What was heard and answered, from the operator's transcripts."""
        path = self.home / "data" / "transcripts.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def boots(self) -> int:
        """How often an engine became ready."""
        return (self.folder / "kiosk.log").read_bytes().count(b" ready after ")

    def engine_pid(self) -> int:
        """Process id of the engine."""
        (engine,) = engines_of(self.process.pid)
        return engine

    def look(self, seconds: float, part: tuple[int, int, int, int], fps: float = 100.0) -> Look:
        """Watch a part of the screen (left, top, width, height) for a while."""
        left, top, width, height = part
        area = {"left": left, "top": top, "width": width, "height": height}
        look = Look()
        until_s = time.monotonic() + seconds
        with mss.mss(display=self.screen.display) as camera:
            while (began_s := time.monotonic()) < until_s:
                picture = np.asarray(camera.grab(area))[:, :, :3]
                look.at_s.append((began_s + time.monotonic()) / 2)
                look.frames.append(picture.copy())
                time.sleep(max(0.0, 1 / fps - (time.monotonic() - began_s)))
        return look

    def watch(self, seconds: float, part: tuple[int, int, int, int]) -> Watching:
        """Watch in the background."""
        return Watching(self, seconds, part)

    def wait(self, condition: Callable[[], object], limit_s: float, what: str) -> None:
        """Wait for something to happen; fails with the kiosk's log if it does not."""
        until_s = time.monotonic() + limit_s
        while not condition():
            assert self.process.poll() is None, f"the kiosk ended\n{self.tail()}"
            assert time.monotonic() < until_s, f"not within {limit_s:.0f} s: {what}\n{self.tail()}"
            time.sleep(0.05)

    def tail(self, characters: int = 3000) -> str:
        text = (self.folder / "kiosk.log").read_text(errors="replace")
        return "\n".join(line for line in text.splitlines() if "ALSA lib" not in line)[-characters:]

    def _furnish(self) -> None:
        """The operator's settings, and a link to what was built before."""
        config = self.home / "config"
        config.mkdir(parents=True)
        keep = str(self._keep).lower()
        (config / "site.toml").write_text(SITE.format(keep=keep), encoding="utf-8")
        if self._cache is not None:
            (self.home / "cache").symlink_to(self._cache)

    def _close(self) -> None:
        """End the kiosk as a session manager does."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


class Watching:
    """`House.look` on a thread; ``result`` waits for it."""

    def __init__(self, house: House, seconds: float, part: tuple[int, int, int, int]) -> None:
        self._look: Look | None = None
        self._thread = threading.Thread(target=self._run, args=(house, seconds, part), daemon=True)
        self._thread.start()

    def result(self) -> Look:
        self._thread.join()
        assert self._look is not None
        return self._look

    def _run(self, house: House, seconds: float, part: tuple[int, int, int, int]) -> None:
        self._look = house.look(seconds, part)


def environment_without_display() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}

"""What the whole kiosk costs while nobody is there: both processes, in a virtual room.

    python scripts/measure_idle.py
    python scripts/measure_idle.py --size 1920x1080 --seconds 30

Prints one JSON object: processor time of window and engine over the measured seconds (1.0 is one
whole core), their resident memory, and the seconds from start to a warm engine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kiosk import paths
from kiosk.room.process import engines_of
from kiosk.room.screen import Screen
from kiosk.room.sound import SoundRoom

SETTLE_S = 5.0
BOOT_LIMIT_S = 120.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="1280x720", metavar="WxH")
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    width, height = (int(part) for part in arguments.size.split("x"))
    cache = paths.cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, SoundRoom() as room:
        home = Path(folder)
        (home / "cache").symlink_to(cache.resolve())
        with Screen(width, height, env=room.env) as screen, (home / "out").open("wb") as out:
            env = {**screen.env, "KIOSK_HOME": folder, "QT_QPA_PLATFORM": "xcb"}
            command = [sys.executable, "-m", "cli", "run"]
            began_s = time.monotonic()
            kiosk = subprocess.Popen(command, env=env, stdout=out, stderr=out)
            try:
                ready_s = _wait_ready(home / "out", began_s)
                time.sleep(SETTLE_S)
                print(json.dumps({"ready_s": ready_s, **_measure(kiosk.pid, arguments.seconds)}))
            finally:
                kiosk.terminate()
                kiosk.wait(10)
    return 0


def _wait_ready(log: Path, began_s: float) -> float:
    while b" ready after " not in log.read_bytes():
        if time.monotonic() - began_s > BOOT_LIMIT_S:
            raise SystemExit("the engine did not become ready:\n" + log.read_text())
        time.sleep(0.05)
    return round(time.monotonic() - began_s, 2)


def _measure(pid: int, seconds: float) -> dict[str, object]:
    (engine,) = engines_of(pid)
    processes = {"window": pid, "engine": engine}
    before = {name: _cpu_s(number) for name, number in processes.items()}
    time.sleep(seconds)
    cpu = {name: (_cpu_s(number) - before[name]) / seconds for name, number in processes.items()}
    memory = {name: _resident_mib(number) for name, number in processes.items()}
    return {
        "seconds": seconds,
        "cpu": {**{name: round(share, 3) for name, share in cpu.items()}},
        "cpu_together": round(sum(cpu.values()), 3),
        "resident_mib": memory,
    }


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


if __name__ == "__main__":
    sys.exit(main())

"""Kill or stop the engine again and again at random moments, and see that the picture never stops.

    python -m tests.e2e.soak --times 30

Starts its own room and kiosk, ends by itself, and prints one JSON object: seconds until each new
engine was warm, the longest time the picture stood still, and which answer the last question got.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from kiosk import paths
from tests.e2e.house import House
from tests.e2e.test_faults import FACE, longest_still_s

HOW = (signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP)
LIMIT_S = 30.0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    healed: list[float] = []
    still: list[float] = []
    paths.cache_dir().mkdir(parents=True, exist_ok=True)  # kept between runs: a kiosk that is warm
    with (
        tempfile.TemporaryDirectory() as folder,
        House(Path(folder), cache=paths.cache_dir()) as house,
    ):
        for number in range(arguments.times):
            house.ask("tell me about the ichthyosaur")
            time.sleep(chance.uniform(0.0, 6.0))
            watching = house.watch(8.0, FACE)
            boots, died_s = house.boots(), time.monotonic()
            os.kill(house.engine_pid(), HOW[number % len(HOW)])
            house.wait(lambda boots=boots: house.boots() > boots, LIMIT_S, "a new engine")  # type: ignore[misc]
            healed.append(round(time.monotonic() - died_s, 2))
            still.append(round(longest_still_s(watching.result()), 2))
        answered = len(house.answers())
        house.ask("did you have a dog")
        house.wait(lambda: len(house.answers()) > answered, LIMIT_S, "an answer")
        last = house.answers()[-1]["answer"]["id"]
    report = {
        "times": arguments.times,
        "healed_s": {"median": sorted(healed)[len(healed) // 2], "longest": max(healed)},
        "picture_still_s_longest": max(still),
        "last_answer": last,
    }
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())

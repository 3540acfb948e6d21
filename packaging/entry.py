"""Start of the frozen kiosk: what an interpreter gives for granted and a bundle does not."""

from __future__ import annotations

import multiprocessing
import os
import sys


def main() -> int:
    """Run `kiosk`, or one statement for `kiosk doctor`."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # a windowed program on Windows has no streams
            stream = open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8")  # noqa: SIM115 - lives as long as the process
            setattr(sys, name, stream)

    # `kiosk doctor` tries each native library in a process of its own, with ``sys.executable -c``.
    # Here that is this program, so it answers as Python would.
    if len(sys.argv) == 3 and sys.argv[1] == "-c":
        exec(sys.argv[2], {"__name__": "__main__"})
        return 0

    from cli.main import main as kiosk

    return kiosk()


if __name__ == "__main__":
    multiprocessing.freeze_support()  # first: the engine is started through this very file
    sys.exit(main())

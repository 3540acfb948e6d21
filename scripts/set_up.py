"""Set the checkout up: system packages, `.venv`, pinned dependencies, the kiosk itself.

Run by `make setup` (and so by `make run`, `make test`, `make check`) with the system's Python and
nothing but its standard library. It may be interrupted at any point: every step is skipped where
its result is there already, and a stamp in `.venv` makes a finished set-up cost a moment.

Exit codes: 0 ready, 1 a step failed, 3 something is missing that this script cannot get.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOG = VENV / "set-up.log"
STAMP = VENV / "set-up.stamp"
PINS = ROOT / "constraints.txt"
OLDEST_PYTHON = (3, 11)
REPORT_EVERY_S = 15.0

# The only package without wheels; its optional parts would triple the time of the build.
BUILT_FROM_SOURCE = "llama_cpp_python"
CMAKE_ARGS = "-DLLAVA_BUILD=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF"

# Debian packages, reduced to what the libraries in the wheels really link to and do not bring.
# What others in the list depend on is left out.
BUILD_PACKAGES = ("g++",)  # llama-cpp-python
ROOM_PACKAGES = ("xvfb xdotool",)  # the virtual room: `kiosk demo` and tests without a display
SOUND_SERVER = ("pulseaudio pulseaudio-utils",)
RUNTIME_PACKAGES = (
    "libportaudio2 libasound2-plugins",  # sound
    "libegl1 libgl1 libfontconfig1 libdbus-1-3 libgssapi-krb5-2 libbrotli1",  # Qt
    "libdrm2 libxext6 libxrandr2",  # Qt Multimedia
    "libx11-xcb1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-glx0 libxcb-icccm4 libxcb-keysyms1",
    "libxcb-randr0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-util1 libxcb-xfixes0 libxcb-xkb1",
)
"""What an installed kiosk needs as well; packaging/build.py writes it into the .deb."""

SYSTEM_PACKAGES = (*BUILD_PACKAGES, *SOUND_SERVER, *ROOM_PACKAGES, *RUNTIME_PACKAGES)

NETWORK_SIGNS = re.compile(
    r"NewConnectionError|NameResolutionError|name resolution|Network is unreachable|ProxyError"
    r"|ConnectTimeout|ReadTimeout|Connection refused|Could not fetch URL|Could not find a version"
)


class SetupFailed(Exception):
    """A step that cannot go on; the text is shown as it is, without a traceback."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def say(line: str) -> None:
    print(line, flush=True)


def step(number: int, title: str) -> None:
    say(f"[{number}/5] {title}")


def run_watched(
    command: Sequence[str | Path],
    *,
    progress: Callable[[str], str],
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run ``command`` and show a line every quarter of a minute, so that nothing looks dead.

    Args:
        command: Program and arguments; its output goes to the log file.
        progress: Reads all output so far and says in a few words where things stand.
        environment: Variables on top of this process's own.

    Returns:
        All its output.

    Raises:
        SetupFailed: It ended with an error; the message holds the end of its output.
    """
    LOG.parent.mkdir(exist_ok=True)
    started_s = time.monotonic()
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=ROOT,
        )
        try:
            while True:
                try:
                    code = process.wait(timeout=REPORT_EVERY_S)
                    break
                except subprocess.TimeoutExpired:
                    elapsed_s = time.monotonic() - started_s
                    say(f"      {elapsed_s:4.0f} s  {progress(read_log())}")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    output = read_log()
    if code:
        raise SetupFailed(explain(output), 3 if NETWORK_SIGNS.search(output) else 1)
    return output


def read_log() -> str:
    return LOG.read_text(encoding="utf-8", errors="replace")


def explain(output: str) -> str:
    """Turn pip's last words into what to do."""
    if NETWORK_SIGNS.search(output):
        return (
            "The packages could not be fetched: no network, or no package index behind it.\n"
            "Connect this machine (or set PIP_INDEX_URL / PIP_FIND_LINKS) and run the same command "
            "again; it goes on where it stopped."
        )
    tail = "\n".join("      " + line for line in output.splitlines()[-15:])
    return f"{tail}\nThe step failed; all its output is in {LOG.relative_to(ROOT)}."


def check_python() -> None:
    found = f"{sys.version_info.major}.{sys.version_info.minor}"
    step(1, f"Python {found}")
    if sys.version_info < OLDEST_PYTHON:
        raise SetupFailed(
            f"Python 3.11 or newer is needed, this is {found}. Install it and run "
            "`make PYTHON=/path/to/python3.11 setup`.",
            3,
        )


def missing_system_packages() -> list[str]:
    """Names of the Debian packages that are not installed; all of them on another system."""
    names = " ".join(SYSTEM_PACKAGES).split()
    if shutil.which("dpkg-query") is None:
        return names
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    installed = {
        line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")
    }
    if shutil.which("c++"):
        installed.add("g++")  # another compiler, or one that apt knows nothing of
    return [name for name in names if name not in installed]


def install_system_packages() -> None:
    missing = missing_system_packages()
    step(2, "System packages" + (f": {len(missing)} missing" if missing else ": all there"))
    if not missing:
        return
    prefix = administrator_prefix()
    if prefix is None or shutil.which("apt-get") is None:
        name_missing(missing)
        return
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    install = [*apt, "-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends"]
    with suppress(SetupFailed):
        run_watched([*install, *missing], progress=last_line)
        return
    with suppress(SetupFailed):  # the package lists may be old, or not there at all
        run_watched([*apt, "update"], progress=last_line)
        run_watched([*install, *missing], progress=last_line)
        return
    name_missing(missing_system_packages())


def administrator_prefix() -> list[str] | None:
    """How to run as administrator without a password: nothing, sudo, or not at all."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    probe = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if probe.returncode == 0 else None


def name_missing(missing: Sequence[str]) -> None:
    say(f"      Missing, please install: sudo apt-get install {' '.join(missing)}")
    if "g++" in missing and not installed_version(BUILT_FROM_SOURCE):
        raise SetupFailed("llama-cpp-python cannot be built without a C++ compiler (g++).", 3)


def create_venv() -> None:
    step(3, "Virtual environment .venv")
    python = VENV / "bin" / "python"
    if python.exists():
        works = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
        if works.returncode == 0:
            return
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        prefix = administrator_prefix()
        if prefix is None or shutil.which("apt-get") is None:
            raise SetupFailed(f"Python's venv is missing: sudo apt-get install {name}", 3)
        apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
        run_watched([*apt, "install", "-y", "--no-install-recommends", name], progress=last_line)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise SetupFailed(f"{made.stdout}{made.stderr}The virtual environment could not be made.")


def pins() -> list[str]:
    """Lines ``name==version`` of constraints.txt."""
    lines = PINS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def pip(*arguments: str, progress: Callable[[str], str], environment: Mapping[str, str]) -> None:
    python = str(VENV / "bin" / "python")
    command = [python, "-m", "pip", "install", "--progress-bar", "off", *arguments]
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    run_watched(command, progress=progress, environment={**quiet, **environment})


def install_packages() -> None:
    wheels = [pin for pin in pins() if not pin.startswith(BUILT_FROM_SOURCE)]
    from_source = next(pin for pin in pins() if pin.startswith(BUILT_FROM_SOURCE))
    step(4, f"{len(wheels) + 1} Python packages, about half a gigabyte to fetch")
    pip("--no-deps", *wheels, progress=lambda text: fetched(text, len(wheels)), environment={})
    if installed_version(BUILT_FROM_SOURCE) != from_source.partition("==")[2]:
        say("      llama-cpp-python comes as source; the first time, it builds for five minutes.")
        pip(
            "--no-deps",
            "--verbose",
            from_source,
            progress=built,
            environment={"CMAKE_ARGS": f"{CMAKE_ARGS} {os.environ.get('CMAKE_ARGS', '')}".strip()},
        )


def installed_version(distribution: str) -> str:
    """Version in .venv by its metadata folder; empty if it is not installed."""
    for folder in VENV.glob(f"lib/python3*/site-packages/{distribution}-*.dist-info"):
        return folder.name.removesuffix(".dist-info").rpartition("-")[2]
    return ""


def install_kiosk() -> None:
    step(5, "The kiosk itself")
    pip("--no-deps", "--editable", str(ROOT), progress=last_line, environment={})
    agreed = subprocess.run(
        [VENV / "bin" / "python", "-m", "pip", "check"], capture_output=True, text=True, check=False
    )
    if agreed.returncode:
        raise SetupFailed(f"{agreed.stdout}constraints.txt does not fit pyproject.toml.")


def fetched(output: str, total: int) -> str:
    if "Installing collected packages" in output:
        return "unpacking"
    return f"package {output.count('Collecting ')} of {total}"


def built(output: str) -> str:
    """Where the C++ build stands, from ninja's counter ``[57/140]``."""
    counters = re.findall(r"\[(\d+)/(\d+)\]", output)
    return "compiling, {} of {}".format(*counters[-1]) if counters else "preparing the build"


def last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1][:80] if lines else "working"


def fingerprint() -> str:
    """Everything a finished set-up depends on; a moved checkout counts as another one."""
    digest = hashlib.sha256(f"{ROOT}\0{sys.version_info[:2]}".encode())
    for path in (ROOT / "pyproject.toml", PINS, Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_set_up() -> bool:
    if not (VENV / "bin" / "python").exists():  # also when it is a link to a Python that has gone
        return False
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == fingerprint()


def set_up() -> None:
    if is_set_up():
        if missing := missing_system_packages():
            say(f"Missing system packages: sudo apt-get install {' '.join(missing)}")
        return
    started_s = time.monotonic()
    check_python()
    install_system_packages()
    create_venv()
    install_packages()
    install_kiosk()
    STAMP.write_text(fingerprint(), encoding="utf-8")
    say(f"Set up in {time.monotonic() - started_s:.0f} s.")


def main() -> int:
    with Path(__file__).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once: the second waits for the first
        try:
            set_up()
        except SetupFailed as failure:
            say(str(failure))
            return failure.exit_code
        except OSError as failure:
            say(f"Set-up stopped: {failure}. Run the same command again to go on.")
            return 1
        except KeyboardInterrupt:
            say("Set-up interrupted. Run the same command again to go on.")
            return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

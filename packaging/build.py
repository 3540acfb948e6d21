"""Build what a museum installs: `dist/persona-kiosk_VERSION_amd64.deb` and the same as a tarball.

    make package

Packages are made from the last commit, in a clone with a `.venv` of its own under build/package, so
that neither this checkout nor what is cached on this machine gets into them: llama.cpp is compiled
for any x86-64 with AVX2 and not for the processor at hand. It takes a quarter of an hour on two
cores; the second time, a minute.

Linux only; packaging/kiosk.iss is the installer for Windows. Exit codes as in scripts/set_up.py.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "package"
SOURCE = BUILD / "source"
DIST = ROOT / "dist"
sys.path.insert(0, str(ROOT))

from scripts.set_up import RUNTIME_PACKAGES, SetupFailed  # noqa: E402 - found through ROOT

NAME = "persona-kiosk"
DEBIAN_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}
"""Debian's names for what `uname -m` says."""

PORTABLE = {
    "CMAKE_ARGS": "-DGGML_NATIVE=OFF",
    # pip would take a wheel that was compiled for this very processor out of its cache.
    "PIP_CACHE_DIR": str(BUILD / "pip-cache"),
}

CONTROL = """\
Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: The makers of Persona Kiosk <noreply@example.org>
Installed-Size: {size_kib}
Section: education
Priority: optional
Depends: libc6 (>= {libc}), {depends}
Recommends: pulseaudio | pipewire-pulse
Suggests: xvfb, xdotool
Description: Talking portrait for museums, offline
 A visitor holds a button and asks aloud; a portrait of a person of the past
 answers, voice and lips together. Speech recognition, answers, speech and the
 picture are all made on this machine; it needs no network.
"""
DESKTOP_ENTRY = """\
[Desktop Entry]
Type=Application
Name=Persona Kiosk
Comment=Talking portrait, offline
Exec=/usr/bin/kiosk run
Terminal=false
Categories=Education;
"""


def main() -> int:
    try:
        build()
    except SetupFailed as failure:
        print(failure)
        return failure.exit_code
    except OSError as failure:
        print(f"Packaging stopped: {failure}. Run the same command again to go on.")
        return 1
    return 0


def build() -> None:
    for tool in ("git", "make", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise SetupFailed(f"{tool} is missing: sudo apt-get install git make dpkg", 3)
    started_s = time.monotonic()
    take_last_commit()
    announce("Python and its packages, in a place of their own")
    run("make", "--no-print-directory", "setup", environment=PORTABLE)
    python = SOURCE / ".venv" / "bin" / "python"
    pins = ["-c", "constraints.txt", "-c", "packaging/constraints.txt"]
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *pins, "pyinstaller")
    announce("One folder with everything")
    shutil.rmtree(BUILD / "home", ignore_errors=True)
    run(python, "-m", "PyInstaller", "--log-level", "ERROR", "-y", "packaging/pyinstaller.spec")
    folder = SOURCE / "dist" / "kiosk"
    shutil.copy2(SOURCE / "persona.toml", folder)  # where staff find it, to make their own from
    announce("What was frozen, tried out: every engine is built and loaded once")
    run(folder / "kiosk", "persona", "build", environment={"KIOSK_HOME": str(BUILD / "home")})
    announce("Packages")
    DIST.mkdir(exist_ok=True)
    for made in (tarball(folder), debian_package(folder)):
        print(f"      {made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.0f} MB")
    print(f"Packaged in {time.monotonic() - started_s:.0f} s.")


def take_last_commit() -> None:
    """Bring the clone to this checkout's last commit; ignored files (its `.venv`) stay."""
    announce("The last commit")
    if not SOURCE.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        run("git", "clone", "--quiet", "--no-checkout", ROOT, SOURCE, folder=BUILD)
    run("git", "fetch", "--quiet", "origin", "HEAD")
    run("git", "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD")
    run("git", "clean", "--quiet", "--force", "-d")


def tarball(folder: Path) -> Path:
    """For other distributions. PyInstaller uses symbolic links, which a zip would lose."""
    made = DIST / f"{stem()}.tar.gz"
    with tarfile.open(made, "w:gz", compresslevel=6) as archive:
        archive.add(folder, arcname=NAME)
    return made


def debian_package(folder: Path) -> Path:
    """The folder in /opt, `kiosk` on the path, a menu entry and the unit that keeps it open."""
    tree = BUILD / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    home = tree / "opt" / NAME
    home.parent.mkdir(parents=True)
    shutil.copytree(folder, home, symlinks=True)
    command = tree / "usr" / "bin" / "kiosk"
    command.parent.mkdir(parents=True)
    command.symlink_to(f"/opt/{NAME}/kiosk")
    write(tree / f"usr/share/applications/{NAME}.desktop", DESKTOP_ENTRY)
    write(tree / "usr/lib/systemd/user/kiosk.service", service())
    write(
        tree / f"usr/share/doc/{NAME}/copyright",
        (SOURCE / "LICENSE").read_text("utf-8") + (SOURCE / "models/README.md").read_text("utf-8"),
    )
    write(tree / "DEBIAN/control", control(tree))
    made = DIST / f"{stem()}.deb"
    # Half the time of xz for a tenth more; the models hardly shrink anyway.
    run("dpkg-deb", "--root-owner-group", "-Zzstd", "--build", tree, made)
    shutil.rmtree(tree)
    return made


def service() -> str:
    """The unit of a checkout, with the installed command in it."""
    lines = (SOURCE / "packaging" / "kiosk.service").read_text("utf-8").splitlines()
    return "\n".join(
        "ExecStart=/usr/bin/kiosk run" if line.startswith("ExecStart=") else line
        for line in lines
        if not line.startswith("# Copy to")
    )


def control(tree: Path) -> str:
    files = (path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    return CONTROL.format(
        name=NAME,
        version=version(),
        architecture=architecture(),
        size_kib=sum(path.stat().st_size for path in files) // 1024,
        # What was compiled here asks for the C library that is here.
        libc=platform.libc_ver()[1],
        depends=", ".join(" ".join(RUNTIME_PACKAGES).split()),
    )


def stem() -> str:
    return f"{NAME}_{version()}_{architecture()}"


def version() -> str:
    return str(tomllib.loads((SOURCE / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def architecture() -> str:
    return DEBIAN_NAMES.get(platform.machine(), platform.machine())


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.rstrip() + "\n", encoding="utf-8")


def announce(title: str) -> None:
    print(f"--- {title}", flush=True)


def run(
    *command: str | Path, folder: Path = SOURCE, environment: dict[str, str] | None = None
) -> None:
    """Run a step; its output is the progress.

    Raises:
        SetupFailed: It ended with an error.
    """
    words: Sequence[str] = [str(part) for part in command]
    # A `make` above this one must not hand its options down to the clone's.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(
        words,
        cwd=folder,
        env={**inherited, **(environment or {})},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise SetupFailed(f"`{' '.join(words[:4])} ...` ended with {done.returncode}.")


if __name__ == "__main__":
    sys.exit(main())

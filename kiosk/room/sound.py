"""A sound server of our own: the kiosk's microphone and loudspeaker without any hardware.

Two null sinks: what is played into ``visitor`` is what the kiosk's microphone ``mic`` hears, and
what the kiosk plays into ``speaker`` can be recorded, as a visitor would hear it. PortAudio reaches
the server through ALSA, whose default device is routed to it.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from kiosk.errors import DeviceMissing
from kiosk.room.process import end, missing, require, start, wait_until
from kiosk.room.server import RoomServer

PROGRAMS = {
    "pulseaudio": "pulseaudio",
    "pactl": "pulseaudio-utils",
    "paplay": "pulseaudio-utils",
    "parecord": "pulseaudio-utils",
}
"""Program to Debian package."""

RATE_HZ = 48_000
CONTROL_TIMEOUT_S = 5.0

_ALSA_SYSTEM = Path("/usr/share/alsa/alsa.conf")
_ALSA_PLUGIN = "libasound_module_pcm_pulse.so"
_ALSA_CONFIG = """\
<{system}>
pcm.!default {{ type pulse }}
ctl.!default {{ type pulse }}
"""


def missing_programs() -> tuple[str, ...]:
    """Debian packages that the room needs and this machine lacks."""
    packages = set(missing(PROGRAMS))
    if not _alsa_reaches_pulse():
        packages.add("libasound2-plugins")
    return tuple(sorted(packages))


class SoundRoom(RoomServer):
    """Context manager: a private PulseAudio server."""

    PREFIX = "kiosk-room-"

    def __init__(self) -> None:
        super().__init__()
        self._recorder: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []

    def _require(self) -> None:
        require(PROGRAMS, where="virtual room")
        if not _alsa_reaches_pulse():
            raise DeviceMissing(
                "ALSA cannot reach the sound server.",
                where="virtual room",
                remedy="Install libasound2-plugins (Debian: apt install libasound2-plugins).",
            )

    def say(self, wav: Path) -> subprocess.Popen[bytes]:
        """A visitor speaks: play a WAV file into the microphone; the player's process."""
        player = self._spawn("paplay", "--device=visitor", str(wav))
        self._players.append(player)
        return player

    def record(self, wav: Path) -> None:
        """Begin to record what the loudspeaker plays, as 48 kHz mono."""
        self.stop_recording()
        self._recorder = self._spawn(
            "parecord",
            "--device=speaker.monitor",
            "--format=s16le",
            f"--rate={RATE_HZ}",
            "--channels=1",
            "--latency-msec=20",
            "--file-format=wav",
            str(wav),
        )

    def stop_recording(self) -> None:
        """End the recording; the file is complete afterwards."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            end(recorder, signal.SIGINT)

    def load(self, module: str, *arguments: str) -> int:
        """Plug something in: load a module of the server; its number."""
        return int(self.control("load-module", module, *arguments))

    def unload(self, number: int) -> None:
        """Unplug it again."""
        self.control("unload-module", str(number))

    def modules(self) -> dict[str, int]:
        """Loaded modules, "name arguments" to number, to unplug what the room itself plugged in."""
        rows = (line.split("\t") for line in self.control("list", "short", "modules").splitlines())
        return {" ".join(row[1:]).strip(): int(row[0]) for row in rows}

    def control(self, *arguments: str) -> str:
        """Run pactl; what it printed. Raises ``DeviceMissing`` if the server refuses."""
        try:
            answer = subprocess.run(
                ["pactl", *arguments],
                env=self.env,
                capture_output=True,
                text=True,
                timeout=CONTROL_TIMEOUT_S,
                check=True,
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise DeviceMissing(
                f"pactl {' '.join(arguments)} failed ({error}).",
                where="virtual room",
                remedy="See whether its sound server still runs.",
            ) from error
        return answer.stdout.strip()

    def stop(self) -> None:
        """Let the server hang, as servers do."""
        os.kill(self.pid, signal.SIGSTOP)

    def cont(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def _start(self, folder: Path) -> None:
        folder.chmod(0o700)  # PulseAudio insists on it.
        socket = folder / "native"
        alsa = folder / "alsa.conf"
        alsa.write_text(_ALSA_CONFIG.format(system=_ALSA_SYSTEM))
        inherited = {key: value for key, value in os.environ.items() if "PULSE" not in key}
        self.env = inherited | {
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_COOKIE": str(folder / "cookie"),
            "PULSE_SERVER": f"unix:{socket}",
            "ALSA_CONFIG_PATH": str(alsa),
        }
        log = folder / "pulseaudio.log"
        self._server = start(_server_command(socket), env=self.env | {"HOME": str(folder)}, log=log)
        wait_until(self._answers, self._server, log=log, where="virtual room")
        self.control("set-default-sink", "speaker")
        self.control("set-default-source", "mic")

    def _answers(self) -> bool:
        try:
            return "mic" in self.control("list", "short", "sources")
        except DeviceMissing:
            return False

    def _spawn(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _shut(self) -> None:
        if self._server is not None and self._server.poll() is None:
            self.cont()  # Players and recorders cannot end while the server hangs.
        self.stop_recording()
        for player in self._players:
            end(player)
        self._players.clear()
        super()._shut()


def _server_command(socket: Path) -> Sequence[str]:
    # Without rewinds a null sink takes sound every 50 ms; with them a first stream waits up to 2 s.
    sink = f"norewinds=1 rate={RATE_HZ} channels=1 sink_name"
    modules = (
        f"module-native-protocol-unix auth-anonymous=1 socket={socket}",
        f"module-null-sink {sink}=speaker",
        f"module-null-sink {sink}=visitor",
        "module-remap-source master=visitor.monitor source_name=mic",
    )
    return (
        "pulseaudio",
        "-n",
        "--daemonize=no",
        "--use-pid-file=no",
        "--exit-idle-time=-1",
        "--disable-shm=yes",  # Rooms in containers share a small /dev/shm.
        "--log-target=stderr",
        *(f"--load={module}" for module in modules),
    )


def _alsa_reaches_pulse() -> bool:
    libraries = (Path("/usr/lib"), Path("/usr/lib64"))
    places = (f"alsa-lib/{_ALSA_PLUGIN}", f"*/alsa-lib/{_ALSA_PLUGIN}")
    return _ALSA_SYSTEM.exists() and any(
        any(folder.glob(place)) for folder in libraries for place in places
    )

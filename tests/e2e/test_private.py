"""The network cable is pulled out, and nobody misses it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.room.process import engines_of
from tests.e2e.house import House

NO_NETWORK = ("unshare", "--map-root-user", "--net")
TABLES = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6", "packet")
ANSWER_LIMIT_S = 40.0


def network_sockets(pid: int) -> list[str]:
    """Every network socket of the process's whole network namespace, as /proc names them."""
    rows: list[str] = []
    for table in TABLES:
        file = Path(f"/proc/{pid}/net/{table}")
        if file.exists():
            rows += [f"{table}: {row.strip()}" for row in file.read_text().splitlines()[1:]]
    return rows


def can_cut_off() -> bool:
    """Whether this machine lets us make a network namespace without any interface that is up."""
    try:
        return subprocess.run([*NO_NETWORK, "true"], check=False, timeout=10).returncode == 0
    except OSError:
        return False


def test_a_visit_without_any_network_opens_no_network_socket(
    open_house: Callable[..., House],
) -> None:
    if not can_cut_off():
        pytest.skip("this machine allows no network namespaces")
    house = open_house(wrapper=NO_NETWORK)
    (engine,) = engines_of(house.process.pid)
    house.ask("did you have a dog")
    seen: set[str] = set()
    watched = (house.process.pid, engine)

    def answered() -> bool:
        seen.update(row for pid in watched for row in network_sockets(pid))
        return bool(house.answers())

    house.wait(answered, ANSWER_LIMIT_S, "an answer")
    assert house.answers()[-1]["answer"]["id"] == "tray"
    assert not seen

"""OpenFst's notation: what OpenFst itself writes is read, and what is written it reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from kiosk.asr.builtin.openfst_format import (
    ARC,
    make_transducer,
    read_transducer,
    transducer_bytes,
)

# In a process of its own: kaldifst and vosk must not meet (see kiosk.asr.builtin.cache).
WRITE = """
import sys, kaldifst
fst = kaldifst.StdVectorFst()
first, last = fst.add_state(), fst.add_state()
fst.start = first
fst.set_final(last, 0.5)
fst.add_arc(first, kaldifst.StdArc(1, 2, 0.25, last))
fst.add_arc(first, kaldifst.StdArc(3, 4, 0.75, first))
fst.write(sys.argv[1])
"""
READ = """
import sys, kaldifst
fst = kaldifst.StdVectorFst.read(sys.argv[1])
print(fst.start, fst.num_states, *(str(fst.final(s)) for s in range(fst.num_states)))
for state in range(fst.num_states):
    for arc in kaldifst.ArcIterator(fst, state):
        print(state, arc.ilabel, arc.olabel, arc.weight.value, arc.nextstate)
"""


def in_openfst(code: str, path: Path) -> str:
    command = [sys.executable, "-c", code, str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_file_of_openfst_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.fst"
    in_openfst(WRITE, path)
    graph = read_transducer(path)
    assert graph.start == 0
    assert graph.final_costs.tolist() == [np.inf, 0.5]
    assert graph.sources.tolist() == [0, 0]
    assert graph.arcs.tolist() == [(1, 2, 0.25, 1), (3, 4, 0.75, 0)]


def test_openfst_reads_what_is_written(tmp_path: Path) -> None:
    arcs = np.array([(7, 8, 0.5, 0), (1, 0, 0.25, 2), (3, 4, 0.75, 1)], ARC)
    final_costs = np.array([np.inf, 2.0, 0.0], np.float32)
    graph = make_transducer(1, final_costs, arcs, np.array([2, 1, 0]))
    path = tmp_path / "b.fst"
    path.write_bytes(transducer_bytes(graph))
    assert in_openfst(READ, path).splitlines() == [
        "1 3 inf 2 0",
        "0 3 4 0.75 1",
        "1 1 0 0.25 2",
        "2 7 8 0.5 0",
    ]


def test_reading_gives_back_what_was_written(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    arcs = np.zeros(50, ARC)
    for field in ("ilabel", "olabel", "destination"):
        arcs[field] = random.integers(0, 9, 50)
    arcs["cost"] = random.random(50)
    sources = random.integers(0, 9, 50)
    graph = make_transducer(3, random.random(10).astype(np.float32), arcs, sources)
    path = tmp_path / "c.fst"
    path.write_bytes(transducer_bytes(graph))
    again = read_transducer(path)
    assert again.start == 3
    np.testing.assert_array_equal(again.final_costs, graph.final_costs)
    np.testing.assert_array_equal(again.sources, graph.sources)
    np.testing.assert_array_equal(again.arcs, graph.arcs)


def test_a_scaled_transducer_has_the_same_paths_at_scaled_costs() -> None:
    arcs = np.array([(7, 8, 0.5, 1), (1, 0, 0.25, 0)], ARC)
    final_costs = np.array([np.inf, 2.0], np.float32)
    graph = make_transducer(0, final_costs, arcs, np.array([0, 1]))
    half = graph.scaled(0.5)
    assert half.arcs.tolist() == [(7, 8, 0.25, 1), (1, 0, 0.125, 0)]
    assert half.final_costs.tolist() == [np.inf, 1.0]
    assert graph.arcs["cost"].tolist() == [0.5, 0.25]

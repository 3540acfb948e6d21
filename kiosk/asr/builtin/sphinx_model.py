"""CMU Sphinx's US-English acoustic model, as the pocketsphinx package carries it.

A "phonetically tied mixture" model: every phone has one codebook of 128 Gaussians in each of three
streams (cepstra, their deltas, their second deltas); a senone (tied state of a triphone) is a set
of weights over its phone's codebook. Two-clause BSD-style licence; the notice travels with the
package.
Source: pocketsphinx, ``src/ms_gauden.c``, ``src/ptm_mgau.c``, ``src/bin_mdef.c``, ``src/tmat.c``.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.asr.builtin.phones import SILENCE
from kiosk.errors import ModelBroken

Floats = NDArray[np.float64]

# Sphinx stores log weights in steps of 1024 with this base.
LOG_BASE = 1.0001
WEIGHT_SHIFT = 1024
VARIANCE_FLOOR = 1e-4
_WORD_POSITION = {"I": 0, "B": 1, "E": 2, "S": 3}


@dataclass(frozen=True)
class SphinxModel:
    """Arrays of the acoustic model.

    Attributes:
        means: Shape (codebooks, 3 streams, 128 Gaussians, 13).
        variances: Same shape, at least ``VARIANCE_FLOOR``.
        log_weights: Natural logarithms, shape (3 streams, 128 Gaussians, senones).
        transitions: Rows sum to one, shape (matrices, 3 states, 4 states).
        definition: Which senones make up which triphone.
    """

    means: Floats
    variances: Floats
    log_weights: Floats
    transitions: Floats
    definition: ModelDefinition


@dataclass(frozen=True, slots=True)
class PhoneStates:
    """How one triphone is scored.

    Attributes:
        senones: Senone of each of its three states.
        matrix: Row of ``SphinxModel.transitions``.
    """

    senones: tuple[int, int, int]
    matrix: int


class ModelDefinition:
    """Triphone to senones (Sphinx's ``mdef`` file).

    Attributes:
        phones: Names of the context-independent phones; their number is their codebook.
        codebook: Codebook of each senone, shape (senones,).
    """

    def __init__(
        self,
        phones: list[str],
        entries: NDArray[np.void],
        sequences: NDArray[np.uint16],
        senone_count: int,
    ) -> None:
        self.phones = phones
        self._number = {name: i for i, name in enumerate(phones)}
        self._entries = entries
        self._sequences = sequences
        triphones = range(len(phones), len(entries))
        contexts = entries["context"].tolist()
        places = entries["word_position"].tolist()
        self._triphone = {(places[i], *contexts[i]): i for i in triphones}
        centre = entries["context"][:, 0].astype(np.int64)
        centre[: len(phones)] = np.arange(len(phones))
        self.codebook: NDArray[np.int64] = np.zeros(senone_count, dtype=np.int64)
        self.codebook[sequences[entries["sequence"]]] = centre[:, None]

    def states(self, left: str, centre: str, right: str, position: str) -> PhoneStates:
        """States of a phone between its neighbours, or of the nearest triphone that was trained.

        Position in the word gives way first, then the neighbours, then the whole context.
        """
        if centre == SILENCE:
            return self._states_of(self._number[SILENCE])
        wanted = _WORD_POSITION[position]
        places = (wanted, *(place for place in range(4) if place != wanted))
        for neighbours in ((left, right), (left, SILENCE), (SILENCE, right)):
            beside = (self._number[neighbours[0]], self._number[neighbours[1]])
            for place in places:
                found = self._triphone.get((place, self._number[centre], *beside))
                if found is not None:
                    return self._states_of(found)
        return self._states_of(self._number[centre])

    def alone(self, phone: str) -> PhoneStates:
        """States of a phone regardless of its neighbours."""
        return self._states_of(self._number[phone])

    def _states_of(self, index: int) -> PhoneStates:
        entry = self._entries[index]
        first, second, third = (int(s) for s in self._sequences[entry["sequence"]])
        return PhoneStates((first, second, third), int(entry["matrix"]))


def read_sphinx_model(folder: Path) -> SphinxModel:
    """Read the model from ``folder``.

    Raises:
        ModelBroken: A file is missing or not what Sphinx writes.
    """
    try:
        means = _gaussian_parameters(folder / "means")
        return SphinxModel(
            means=means,
            variances=np.maximum(_gaussian_parameters(folder / "variances"), VARIANCE_FLOOR),
            log_weights=_mixture_weights(folder / "sendump", means.shape[1], means.shape[2]),
            transitions=_transition_matrices(folder / "transition_matrices"),
            definition=_model_definition(folder / "mdef"),
        )
    except (OSError, ValueError, struct.error) as error:
        raise ModelBroken(
            f"The acoustic model inside the pocketsphinx package cannot be read ({error}).",
            where=folder,
            remedy="Install the package again: pip install --force-reinstall pocketsphinx",
        ) from error


def _after_header(path: Path) -> tuple[bytes, int]:
    """File and the offset of its data: after the text header and the byte-order mark."""
    data = path.read_bytes()
    return data, data.index(b"endhdr\n") + len(b"endhdr\n") + 4


def _gaussian_parameters(path: Path) -> Floats:
    data, at = _after_header(path)
    codebooks, streams, gaussians = struct.unpack_from("<3i", data, at)
    at += 12
    dims = set(struct.unpack_from(f"<{streams}i", data, at))
    at += 4 * streams
    if len(dims) != 1:
        raise ValueError(f"{path.name}: streams of different lengths")
    (count,) = struct.unpack_from("<i", data, at)
    values = np.frombuffer(data, "<f4", count, at + 4)
    return values.reshape(codebooks, streams, gaussians, dims.pop()).astype(np.float64)


def _transition_matrices(path: Path) -> Floats:
    data, at = _after_header(path)
    matrices, sources, destinations, count = struct.unpack_from("<4i", data, at)
    values = np.frombuffer(data, "<f4", count, at + 16)
    table = values.reshape(matrices, sources, destinations).astype(np.float64)
    return np.asarray(table / table.sum(axis=-1, keepdims=True))


def _mixture_weights(path: Path, streams: int, gaussians: int) -> Floats:
    """Sphinx's ``sendump``: weights quantised to one byte, or to four bits through a table."""
    data = path.read_bytes()
    at = 0

    def counted_string() -> bytes:
        nonlocal at
        (length,) = struct.unpack_from("<i", data, at)
        at += 4 + length
        return data[at - length : at]

    counted_string(), counted_string()  # title, and the header's own description
    header: dict[str, str] = {}
    while line := counted_string():
        name, _, value = line.rstrip(b"\0").decode("ascii").partition(" ")
        header[name] = value
    clusters = int(header.get("cluster_count", 0))
    if clusters == 0:
        rows, senones = struct.unpack_from("<2i", data, at)
        at += 8
        levels = np.arange(256, dtype=np.uint8)
    else:
        rows, senones = gaussians, int(header["model_count"])
        clusters = 16 if clusters == 15 else clusters  # an old Sphinx counts them from zero
        levels = np.frombuffer(data, np.uint8, clusters, at)
        at += clusters
    if int(header.get("cluster_bits", 8)) == 4:
        row_bytes = (senones + 1) // 2
        packed = np.frombuffer(data, np.uint8, streams * rows * row_bytes, at)
        packed = packed.reshape(streams, rows, row_bytes)
        pairs = np.stack([packed & 15, packed >> 4], axis=-1)
        codes = pairs.reshape(streams, rows, 2 * row_bytes)[:, :, :senones]
    else:
        codes = np.frombuffer(data, np.uint8, streams * rows * senones, at)
        codes = codes.reshape(streams, rows, senones)
    return -levels[codes].astype(np.float64) * (WEIGHT_SHIFT * math.log(LOG_BASE))


_ENTRY = np.dtype(
    [("sequence", "<i4"), ("matrix", "<i4"), ("word_position", "u1"), ("context", "u1", (3,))]
)


def _model_definition(path: Path) -> ModelDefinition:
    data = path.read_bytes()
    (format_length,) = struct.unpack_from("<i", data, 8)
    at = 12 + format_length
    phone_count, entry_count, states, _, senones, _, sequences, _, tree_nodes, _ = (
        struct.unpack_from("<10i", data, at)
    )
    at += 40
    names_at = at
    phones = []
    for _ in range(phone_count):
        end = data.index(b"\0", at)
        phones.append(data[at:end].decode("ascii"))
        at = end + 1
    at = names_at + (at - names_at + 3) // 4 * 4  # names are padded to whole words
    at += 8 * tree_nodes
    entries = np.frombuffer(data, _ENTRY, entry_count, at)
    at += _ENTRY.itemsize * entry_count + 4
    table = np.frombuffer(data, "<u2", sequences * states, at).reshape(sequences, states)
    return ModelDefinition(phones, entries, table, senones)

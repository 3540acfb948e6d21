"""Sphinx's Gaussian mixtures as a Kaldi nnet3 network, so that Vosk can score with them.

A Gaussian's log density is linear in the features and their squares, so each stream becomes one
affine layer; the mixture's sum is approximated by its largest term (max-pooling), as Sphinx does::

    13 cepstra -> features and deltas (39) -> squares -> affine per stream -> maximum -> sum
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kiosk.asr.builtin.kaldi_format import (
    acoustic_network,
    elementwise_product,
    fixed_affine,
    group_maximum,
)
from kiosk.asr.builtin.sphinx_model import SphinxModel

CEPSTRA = 13
STREAMS = 3
FEATURES = CEPSTRA * STREAMS
CONTEXT_FRAMES = 3
# Stream to {frame offset: factor}; Sphinx's feature type 1s_c_d_dd.
STREAM_TAPS: tuple[dict[int, float], ...] = (
    {0: 1.0},
    {2: 1.0, -2: -1.0},
    {3: 1.0, -1: -1.0, 1: -1.0, -3: 1.0},
)


def network_bytes(model: SphinxModel, senones: NDArray[np.int64], gaussians: int) -> bytes:
    """Network with one output (log likelihood) for each of ``senones``.

    Args:
        model: Acoustic model.
        senones: Senone numbers, shape (outputs,).
        gaussians: How many Gaussians to keep of each senone and stream: the heaviest.
    """
    offsets = range(-CONTEXT_FRAMES, CONTEXT_FRAMES + 1)
    spliced = ", ".join(f"Offset(input, {offset})" if offset else "input" for offset in offsets)
    wiring = [
        f"input-node name=input dim={CEPSTRA}",
        f"component-node name=features component=features input=Append({spliced})",
        "component-node name=squares component=squares input=Append(features, features)",
    ]
    components = [
        ("features", fixed_affine(delta_matrix(), np.zeros(FEATURES))),
        ("squares", elementwise_product(2 * FEATURES, FEATURES)),
    ]
    for stream in range(STREAMS):
        part = f"dim-offset={CEPSTRA * stream} dim={CEPSTRA}"
        weights, bias = gaussian_layer(model, senones, stream, gaussians)
        components += [
            (f"gaussians{stream}", fixed_affine(weights, bias)),
            (f"mixture{stream}", group_maximum(len(senones), gaussians)),
        ]
        wiring += [
            f"dim-range-node name=x{stream} input-node=features {part}",
            f"dim-range-node name=xx{stream} input-node=squares {part}",
            f"component-node name=gaussians{stream} component=gaussians{stream} "
            f"input=Append(x{stream}, xx{stream})",
            f"component-node name=mixture{stream} component=mixture{stream} "
            f"input=gaussians{stream}",
        ]
    wiring.append("output-node name=output input=Sum(mixture0, Sum(mixture1, mixture2))")
    return acoustic_network(
        wiring, components, left_context=CONTEXT_FRAMES, right_context=CONTEXT_FRAMES
    )


def delta_matrix() -> NDArray[np.float64]:
    """Seven frames of cepstra to cepstra, deltas and second deltas; shape (39, 91)."""
    matrix = np.zeros((FEATURES, (2 * CONTEXT_FRAMES + 1) * CEPSTRA))
    for stream, taps in enumerate(STREAM_TAPS):
        rows = slice(stream * CEPSTRA, (stream + 1) * CEPSTRA)
        for offset, factor in taps.items():
            first = (offset + CONTEXT_FRAMES) * CEPSTRA
            matrix[rows, first : first + CEPSTRA] = factor * np.eye(CEPSTRA)
    return matrix


def gaussian_layer(
    model: SphinxModel, senones: NDArray[np.int64], stream: int, gaussians: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (rows, 26) and bias (rows,) of one stream; ``gaussians`` rows for each senone.

    Row times ``(x, x squared)`` plus bias is the weighted Gaussian's log density at x.
    """
    log_weights = model.log_weights[stream][:, senones].T
    heaviest = np.argsort(-log_weights, axis=1, kind="stable")[:, :gaussians]
    codebooks = model.definition.codebook[senones][:, None]
    mean = model.means[codebooks, stream, heaviest]
    variance = model.variances[codebooks, stream, heaviest]
    bias = np.take_along_axis(log_weights, heaviest, axis=1) - 0.5 * (
        np.log(2 * np.pi * variance) + mean**2 / variance
    ).sum(axis=-1)
    weights = np.concatenate([mean / variance, -0.5 / variance], axis=-1)
    return weights.reshape(-1, 2 * CEPSTRA), bias.reshape(-1)

"""Prepare a lips model for one loop: cut, crop, choose the arithmetic, and check the result."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from kiosk.errors import KioskError
from kiosk.lipsync.fast import FastModel
from kiosk.lipsync.graph.branches import Branches, split
from kiosk.lipsync.graph.calibrate import Feed, observe
from kiosk.lipsync.graph.crop import crop
from kiosk.lipsync.graph.fold import fold_normalisation
from kiosk.lipsync.graph.kept import Facts, PreparedNetwork
from kiosk.lipsync.graph.network import Network
from kiosk.lipsync.graph.quantise import quantise
from kiosk.lipsync.graph.span import Span
from kiosk.lipsync.model import LipsModel
from kiosk.lipsync.session import CPU, first_line, open_session
from kiosk.lipsync.window import MouthWindow

log = logging.getLogger(__name__)

PSNR_FLOOR_DB = 38.0
"""Bytes are used only if they keep the mouth this close to what float computes."""

_SAME = 1e-5  # of 1: a difference nobody can see, and that a wrong cut would exceed by far
_EXACT_DB = 99.0
_CALIBRATING, _CHECKING = 48, 24  # frames
_OLDEST_OPSET, _OPSET = 13, 17
_TRIES = ((8, 0), (8, 2), (7, 2))  # bits of a weight, convolutions at the end left in float
_FASTER = 1.1  # by which bytes must beat float to be worth their error
_TIMED_ROUNDS = 7

Faces = Callable[[Sequence[int]], NDArray[np.float32]]


class NotCut(Exception):
    """A model cannot be cut; the message says why, as half a sentence."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Attributes:
    window: A mel window, shape (80, 16).
    loop_index: The loop's frame it is shown with.
    """

    window: NDArray[np.float32]
    loop_index: int


def build(
    model: LipsModel,
    faces: Faces,
    frame_count: int,
    window: MouthWindow,
    windows: NDArray[np.float32],
    *,
    threads: int,
) -> PreparedNetwork:
    """Prepare a model; where that is impossible, say why.

    Args:
        model: The whole model.
        faces: Makes the model's second input for loop frames; may use its array again.
        frame_count: Frames of the loop.
        window: The part of the picture that is seen.
        windows: Mel windows of speech, at least 2, shape (n, 80, 16).
        threads: Cores to use.

    Returns:
        ``facts.arithmetic`` is ``whole`` if the model must run as it is.
    """
    _, chosen = build_both(model, faces, frame_count, window, windows, threads=threads)
    return chosen


def build_both(
    model: LipsModel,
    faces: Faces,
    frame_count: int,
    window: MouthWindow,
    windows: NDArray[np.float32],
    *,
    threads: int,
) -> tuple[PreparedNetwork, PreparedNetwork]:
    """Like ``build``, for measuring: also the one in float; the same twice if that was chosen."""
    begun_s = time.monotonic()
    try:
        exact, chosen = _Builder(model, faces, frame_count, window, windows, threads).build()
    except NotCut as reason:
        whole = PreparedNetwork(Facts("whole", f"The model runs whole: {reason}."), b"", {})
        exact = chosen = whole
    facts = replace(chosen.facts, made_in_s=round(time.monotonic() - begun_s, 1))
    return exact, replace(chosen, facts=facts)


class _Builder:
    def __init__(
        self,
        model: LipsModel,
        faces: Faces,
        frame_count: int,
        window: MouthWindow,
        windows: NDArray[np.float32],
        threads: int,
    ) -> None:
        self.model = model
        self.faces = faces
        self.frame_count = frame_count
        self.window = window
        self.threads = threads
        random = np.random.default_rng(0)  # the same choice in every build
        order = random.permutation(len(windows))
        # Held-back sound is none of what the calibration heard.
        share = max(1, len(order) * _CALIBRATING // (_CALIBRATING + _CHECKING))
        self.calibrating = list(self._samples(windows[order[:share]], _CALIBRATING, 0.0))
        self.checking = list(self._samples(windows[order[share:]], _CHECKING, 0.5))

    def _samples(self, windows: NDArray[np.float32], count: int, shift: float) -> Iterator[Sample]:
        for number in range(count):
            index = int((number + shift) * self.frame_count / count) % self.frame_count
            yield Sample(windows[number % len(windows)], index)

    def build(self) -> tuple[PreparedNetwork, PreparedNetwork]:
        """In float, and what was chosen."""
        contract = self.model.contract
        branches = self._cut()
        features = self._face_features(branches)
        mel = contract.mel_input
        cropped = []
        network = branches.sound
        fold_normalisation(network)
        window = self.window
        for axis, span in (
            (2, Span(window.top, window.bottom)),
            (3, Span(window.left, window.right)),
        ):
            part = crop(network, axis, span, frozenset({mel}))
            cropped.append(part)
            for name, kept in part.inputs.items():
                features[name] = features[name].take(range(kept.start, kept.stop), axis=axis)
        facts = Facts(
            "fp32",
            "",
            not_cropped=tuple(dict.fromkeys((*cropped[0].whole, *cropped[1].whole))),
            row=cropped[0].output.start,
            column=cropped[1].output.start,
            mel_input=mel,
            batch=contract.batch if contract.fixed_batch else 0,
        )
        exact = PreparedNetwork(facts, network.complete().SerializeToString(), features)
        fast = self._started(exact)
        difference = self._largest_difference(fast)
        if not difference <= _SAME:
            raise NotCut(f"what was cut out of it differs by {difference:.2g}")
        exact = replace(exact, facts=replace(facts, max_difference=difference))
        return exact, self._in_bytes(network, exact, fast)

    # --- float --------------------------------------------------------------------------------

    def _cut(self) -> Branches:
        contract = self.model.contract
        try:
            whole = onnx.load(self.model.path, load_external_data=False)
            if next(one.version for one in whole.opset_import if not one.domain) < _OLDEST_OPSET:
                whole = onnx.version_converter.convert_version(whole, _OPSET)
            for tensor in whole.graph.input:
                sizes = tensor.type.tensor_type.shape.dim
                if tensor.name == contract.face_input:
                    for size in sizes[2:]:
                        size.dim_value = contract.size
            branches = split(Network(whole), contract.face_input, contract.mel_input)
        except Exception as error:  # onnx's own exceptions have no public base class
            raise NotCut(f"its graph cannot be read ({first_line(error)})") from error
        for name in branches.features:
            shape = branches.sound.shapes.get(name)
            if not shape or shape[0] not in (None, contract.batch):
                raise NotCut("part of it is not computed frame by frame")
        return branches

    def _face_features(self, branches: Branches) -> dict[str, NDArray[Any]]:
        """What the sound's branch needs of each loop frame."""
        contract = self.model.contract
        names = [name for name in branches.features if name != contract.face_input]
        parts: dict[str, list[NDArray[Any]]] = {name: [] for name in branches.features}
        session = None
        if branches.face is not None:
            session = open_session(branches.face.complete().SerializeToString(), self.threads)
        for start in range(0, self.frame_count, contract.batch):
            indices = [*range(start, min(start + contract.batch, self.frame_count))]
            kept = len(indices)
            if contract.fixed_batch:
                indices += indices[-1:] * (contract.batch - kept)
            faces = self.faces(indices).astype(contract.dtype)
            values = session.run(names, {contract.face_input: faces}) if session else []
            found = {contract.face_input: faces, **dict(zip(names, values, strict=True))}
            for name in branches.features:
                parts[name].append(found[name][:kept])
        return {name: np.concatenate(arrays) for name, arrays in parts.items()}

    def _started(self, prepared: PreparedNetwork) -> FastModel:
        providers = [self.model.provider]
        if self.model.provider != CPU:
            providers.append(CPU)
        try:
            return FastModel(
                prepared, self.window, self.model.path, threads=self.threads, providers=providers
            )
        except KioskError as error:
            raise NotCut(f"what was cut out of it does not run ({error.what})") from error

    def _largest_difference(self, fast: FastModel) -> float:
        largest = 0.0
        for sample in self.checking[:: max(1, len(self.checking) // 6)]:
            whole = self.model.run(sample.window[None], self.faces([sample.loop_index]))
            seen = whole[:, :, self.window.rows, self.window.columns]
            cut = fast.run(sample.window[None], [sample.loop_index])
            largest = max(largest, float(np.abs(cut - seen).max()))
        return largest

    # --- bytes --------------------------------------------------------------------------------

    def _in_bytes(
        self, network: Network, exact: PreparedNetwork, float_model: FastModel
    ) -> PreparedNetwork:
        """The same in bytes if that is good enough and faster; ``exact`` with the reason if not."""

        def refused(reason: str, psnr_db: float = 0.0) -> PreparedNetwork:
            facts = replace(exact.facts, reason=reason, psnr_db=psnr_db)
            return replace(exact, facts=facts)

        if self.model.provider != CPU:
            return refused(f"Bytes are for the CPU, and this runs on {self.model.provider}.")
        if self.model.contract.dtype != np.float32:
            return refused("Bytes were not tried, because the model is in half precision.")
        ranges = observe(network, self._feeds(exact), self.threads)
        best_db = 0.0
        for bits, tail in _TRIES:
            written = quantise(
                network, ranges, exact.facts.mel_input, weight_bits=bits, float_tail=tail
            )
            features = {
                name: _as_bytes(array, written.features[name])
                if name in written.features
                else array
                for name, array in exact.features.items()
            }
            prepared = PreparedNetwork(exact.facts, written.model.SerializeToString(), features)
            candidate = self._started(prepared)
            psnr_db = self._psnr_db(candidate, float_model)
            best_db = max(best_db, psnr_db)
            if psnr_db < PSNR_FLOOR_DB:
                continue
            gain = self._gain(candidate, float_model)
            if gain < _FASTER:
                return refused(f"Bytes would be only {gain:.2f} times as fast.", psnr_db)
            facts = replace(
                exact.facts,
                arithmetic="int8",
                reason=f"{bits}-bit weights, {tail} convolutions at the end in float.",
                psnr_db=psnr_db,
            )
            return replace(prepared, facts=facts)
        return refused(
            f"Bytes reach {best_db:.1f} dB only, and {PSNR_FLOOR_DB:.0f} are asked for.", best_db
        )

    def _feeds(self, exact: PreparedNetwork) -> Iterator[Feed]:
        step = self.model.contract.batch
        for start in range(0, len(self.calibrating), step):
            samples = self.calibrating[start : start + step]
            if len(samples) < exact.facts.batch:
                return
            indices = [sample.loop_index for sample in samples]
            feed = {name: array[indices] for name, array in exact.features.items()}
            feed[exact.facts.mel_input] = np.stack([one.window for one in samples])[:, None]
            yield feed

    def _psnr_db(self, candidate: FastModel, reference: FastModel) -> float:
        """Of the mouth in all held-back frames; the peak is 1."""
        squares = []
        for sample in self.checking:
            pictures = [
                one.run(sample.window[None], [sample.loop_index]) for one in (candidate, reference)
            ]
            squares.append(float(np.square(pictures[0] - pictures[1]).mean()))
        error = float(np.mean(squares))
        return min(_EXACT_DB, -10 * float(np.log10(error))) if error > 0 else _EXACT_DB

    def _gain(self, candidate: FastModel, reference: FastModel) -> float:
        """How many times as fast one network is as the other, taken in turns."""
        took: dict[FastModel, list[float]] = {candidate: [], reference: []}
        sample = self.checking[0]
        for _ in range(_TIMED_ROUNDS):
            for one, times in took.items():
                begun_s = time.perf_counter()
                one.run(sample.window[None], [sample.loop_index])
                times.append(time.perf_counter() - begun_s)
        return float(np.median(took[reference]) / np.median(took[candidate]))


def _as_bytes(array: NDArray[Any], scale: Any) -> NDArray[np.uint8]:
    """A feature of all loop frames as it is fed: channels last."""
    return np.stack([scale.bytes_of(frame).transpose(1, 2, 0) for frame in array])

"""A lips model in onnxruntime."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ModelBroken
from kiosk.lipsync.contract import (
    Contract,
    candidate_sizes,
    check_file,
    check_output,
    foreign_operators,
    read_contract,
)
from kiosk.lipsync.mel import BANDS, SILENCE, WINDOW_COLUMNS
from kiosk.lipsync.session import CPU, accelerators, first_line, open_session

log = logging.getLogger(__name__)


class LipsModel:
    """Any ONNX file with Wav2Lip's contract, checked by a trial run.

    A graphics card that fails, at the start or in the middle of a sentence, is replaced by the CPU.

    Attributes:
        path: The file.
        contract: Size, names, batch.
        provider: What really computes: ``CPUExecutionProvider``, ``CUDAExecutionProvider``...
        threads: Cores it may use.

    Args:
        path: Model file.
        threads: Cores to use.

    Raises:
        ModelMissing: There is no such file.
        ModelBroken: It cannot be loaded or does not have the contract.
    """

    def __init__(self, path: Path, *, threads: int) -> None:
        check_file(path)
        self.path = path
        self.threads = threads
        found = accelerators()
        try:
            self._start([*found, CPU])
        except ModelBroken as error:
            if not found:
                raise
            log.warning("lips run on the CPU, because the GPU failed: %s", error.what)
            self._start([CPU])

    def _start(self, providers: Sequence[str]) -> None:
        self._open(providers)
        contract = read_contract(self._session, self.path)
        self.contract = self._try_out(contract)

    def _open(self, providers: Sequence[str]) -> None:
        try:
            self._session: Any = open_session(self.path, self.threads, providers)
        except Exception as error:  # onnxruntime's own exceptions have no public base class
            if foreign := foreign_operators(self.path):
                raise ModelBroken(
                    f"The lips model needs operators that onnxruntime does not have: {foreign}.",
                    where=self.path,
                    remedy="Export it with standard ONNX operators only.",
                ) from error
            raise ModelBroken(
                f"The lips model cannot be loaded ({first_line(error)}).",
                where=self.path,
                remedy="The file is damaged or no ONNX model: install it again.",
            ) from error
        self.provider: str = self._session.get_providers()[0]

    def _try_out(self, contract: Contract) -> Contract:
        """Run on a grey face in silence; this also warms the model up.

        A model may leave its size or its batch open and yet work with one value only.
        """
        failure: ModelBroken | None = None
        for size in candidate_sizes(contract):
            sized = replace(contract, size=size)
            try:
                self._try_batch(sized, contract.batch if contract.fixed_batch else 1)
            except ModelBroken as error:
                failure = failure or error
                continue
            try:
                self._try_batch(sized, sized.batch)
            except ModelBroken:
                return replace(sized, batch=1)
            return sized
        assert failure is not None
        raise failure

    def _try_batch(self, contract: Contract, count: int) -> None:
        self.contract = contract
        size = contract.size
        windows = np.full((count, BANDS, WINDOW_COLUMNS), SILENCE, dtype=np.float32)
        faces = np.full((count, 6, size, size), 0.5, dtype=np.float32)
        check_output(self._run(windows, faces), count, size, self.path)

    def run(self, windows: NDArray[np.float32], faces: NDArray[np.float32]) -> NDArray[np.float32]:
        """Compute new faces.

        Args:
            windows: Mel windows, shape (n, 80, 16), with n at most ``contract.batch``.
            faces: Masked and whole faces, BGR, 0..1, shape (n, 6, S, S).

        Returns:
            New faces, BGR, 0..1, shape (n, 3, S, S).

        Raises:
            ModelBroken: The library refused, or computed values that are no numbers.
        """
        try:
            return self._checked(windows, faces)
        except ModelBroken as error:
            if self.provider == CPU:
                raise
            log.warning("lips go on with the CPU, because the GPU failed: %s", error.what)
            self._open([CPU])
            return self._checked(windows, faces)

    def _checked(
        self, windows: NDArray[np.float32], faces: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        output = self._run(windows, faces)
        if not np.isfinite(output).all():
            raise self._failure("it computed values that are not numbers")
        return output

    def _run(self, windows: NDArray[np.float32], faces: NDArray[np.float32]) -> NDArray[np.float32]:
        contract, count = self.contract, len(windows)
        if contract.fixed_batch and count < contract.batch:
            missing = contract.batch - count
            windows = np.concatenate([windows, np.repeat(windows[-1:], missing, axis=0)])
            faces = np.concatenate([faces, np.repeat(faces[-1:], missing, axis=0)])
        feed = {
            contract.mel_input: windows[:, None].astype(contract.dtype, copy=False),
            contract.face_input: faces.astype(contract.dtype, copy=False),
        }
        try:
            (output,) = self._session.run([contract.output], feed)
        except Exception as error:  # onnxruntime's own exceptions have no public base class
            raise self._failure(first_line(error)) from error
        return np.asarray(output[:count], dtype=np.float32)

    def _failure(self, reason: str) -> ModelBroken:
        return ModelBroken(
            f"The lips model failed ({reason}).",
            where=self.path,
            remedy="Install it again, or name another model in portrait.lips.",
        )

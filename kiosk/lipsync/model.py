"""A lips model in onnxruntime."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from kiosk.errors import ModelBroken
from kiosk.lipsync.contract import (
    Contract,
    candidate_sizes,
    check_file,
    check_output,
    read_contract,
)
from kiosk.lipsync.mel import BANDS, SILENCE, WINDOW_COLUMNS

log = logging.getLogger(__name__)

_CPU = "CPUExecutionProvider"
# In order of preference; each is used only if this build of onnxruntime brings it.
_ACCELERATORS = ("CUDAExecutionProvider", "DmlExecutionProvider")


class LipsModel:
    """Any ONNX file with Wav2Lip's contract, checked by a trial run.

    Attributes:
        path: The file.
        contract: Size, names, batch.
        provider: What really computes: ``CPUExecutionProvider``, ``CUDAExecutionProvider``...

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
        accelerators = [name for name in _ACCELERATORS if name in ort.get_available_providers()]
        try:
            self._start([*accelerators, _CPU], threads)
        except ModelBroken as error:
            if not accelerators:
                raise
            log.warning("lips run on the CPU, because the GPU failed: %s", error.what)
            self._start([_CPU], threads)
        self.provider: str = self._session.get_providers()[0]

    def _start(self, providers: list[str], threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # The arena keeps its peak for ever, and there are two batch sizes only.
        options.enable_cpu_mem_arena = False
        # Idle threads sleep: spinning would take the core that sound and picture need.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        try:
            self._session: Any = ort.InferenceSession(str(self.path), options, providers=providers)
        except Exception as error:  # onnxruntime's own exceptions have no public base class
            raise ModelBroken(
                f"The lips model cannot be loaded ({_first_line(error)}).",
                where=self.path,
                remedy="The file is damaged or no ONNX model: install it again.",
            ) from error
        contract = read_contract(self._session, self.path)
        self.contract = self._try_out(contract)

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
        check_output(self.run(windows, faces), count, size, self.path)

    def run(self, windows: NDArray[np.float32], faces: NDArray[np.float32]) -> NDArray[np.float32]:
        """Compute new faces.

        Args:
            windows: Mel windows, shape (n, 80, 16), with n at most ``contract.batch``.
            faces: Masked and whole faces, BGR, 0..1, shape (n, 6, S, S).

        Returns:
            New faces, BGR, 0..1, shape (n, 3, S, S).

        Raises:
            ModelBroken: The library refused.
        """
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
            raise ModelBroken(
                f"The lips model failed ({_first_line(error)}).",
                where=self.path,
                remedy="Install it again, or name another model in portrait.lips.",
            ) from error
        return np.asarray(output[:count], dtype=np.float32)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]

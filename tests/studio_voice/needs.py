"""What some tests need and not every machine has."""

import importlib.util
import shutil

import pytest

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed here"
)
needs_teacher = pytest.mark.skipif(
    shutil.which("festival") is None or shutil.which("hts_engine") is None,
    reason="the teacher (festival, festvox-us-slt-hts, htsengine) is not installed here",
)

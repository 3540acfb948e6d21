"""placeholder"""

from __future__ import annotations
from typing import Any


def write_report(*a: Any) -> dict[str, Any]:
    return {}

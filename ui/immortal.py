"""Keeps ``None``, ``True`` and ``False`` alive under Qt's Python binding on Python 3.11.

PySide6 6.12 returns these three from nearly every call without taking a reference. From Python 3.12
on that is harmless, as they are immortal (PEP 683). On 3.11 each call takes one reference away,
and after some thousand painted frames the interpreter ends the process with "deallocating None".
Adding references that nobody will ever give back makes them immortal here too: 2**40 last for a
thousand calls a second over thirty years.
"""

from __future__ import annotations

import ctypes
import sys

_PLENTY = 2**40


def keep_singletons() -> None:
    """Make the three immortal; does nothing where Python already does, and may be called twice."""
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return
    for singleton in (None, True, False):
        if sys.getrefcount(singleton) < _PLENTY // 2:
            # The reference count is the first field of every object (PyObject.ob_refcnt).
            ctypes.c_ssize_t.from_address(id(singleton)).value += _PLENTY

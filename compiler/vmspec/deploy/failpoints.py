"""Every act on the world passes a point before and a point after it, at which the tests kill the process.

`VMC_FAULT=N` kills at the N-th point (SIGKILL, as the kernel would), `VMC_FAULT=NAME` at the point of that name; `VMC_FAULT=log:FILE`
writes the name of each to a file. Without the variable a point costs nothing.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLE = "VMC_FAULT"
_lock = threading.Lock()
_count = 0


@contextmanager
def act(name: str) -> Iterator[None]:
    """Around one call of libvirt or one operation on a file."""
    _point(f"before {name}")
    yield
    _point(f"after {name}")


def _point(name: str) -> None:
    global _count
    wanted = os.environ.get(VARIABLE)
    if wanted is None:
        return
    with _lock:
        _count += 1
        if wanted.startswith("log:"):
            with open(wanted.removeprefix("log:"), "a", encoding="utf-8") as log:  # noqa: PTH123
                log.write(f"{_count} {name}\n")
        elif wanted in (str(_count), name):
            os.kill(os.getpid(), signal.SIGKILL)

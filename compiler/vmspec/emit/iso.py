"""An ISO 9660 image of a few small files, the same bytes whenever and wherever it is made.

pycdlib 1.22 asks the clock for the time of each record, and the zone for its offset; both are answered with the epoch of such images.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from types import SimpleNamespace

import pycdlib
from pycdlib import dates, dr, headervd, rockridge
from pycdlib import pycdlib as writer

EPOCH = 315532800
"""1980-01-01 in UTC: what FAT, ISO 9660 and the archives of Python can all hold."""
_one_at_a_time = Lock()


def image(label: str, files: Mapping[str, bytes]) -> bytes:
    """With these files at its root, under their names in Rock Ridge and Joliet."""
    with _one_at_a_time, _no_clock():
        disc = pycdlib.PyCdlib()
        disc.new(interchange_level=3, vol_ident=label, joliet=3, rock_ridge="1.09", sys_ident="LINUX")
        for number, (name, data) in enumerate(sorted(files.items())):
            disc.add_fp(io.BytesIO(data), len(data), f"/{_short(name, number)};1", rr_name=name, joliet_path=f"/{name}", file_mode=0o100400)
        made = io.BytesIO()
        disc.write_fp(made)
        disc.close()
    return made.getvalue()


def _short(name: str, number: int) -> str:
    """A name of ISO 9660 itself, which nobody reads."""
    stem = re.sub("[^A-Z0-9]", "_", name.upper())[:6]
    return f"{stem}{number}.DAT"


@contextmanager
def _no_clock() -> Iterator[None]:
    """What pycdlib's modules call `time` is for once a clock that stands."""
    held = SimpleNamespace(**{**vars(time), "time": lambda: float(EPOCH), "localtime": time.gmtime})
    modules = [module for module in (dates, dr, headervd, rockridge, writer) if hasattr(module, "time")]
    for module in modules:
        module.time = held  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in modules:
            module.time = time  # type: ignore[attr-defined]

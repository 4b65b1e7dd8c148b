"""The way of one wanted VM through the planner is straight: it hardly ever comes back to a file that it has left."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from tests.plan.factories import WEB, Remembered, actual, planned, uuid, xml
from vmspec.plan import plan

FOLDER = str(Path(plan.__file__).parent)
OTHER = xml("web", uuid("a"), memory=2048)
MOST = 15
"""Returns of a VM whose configuration changes."""


def files_of(call: Callable[[], object]) -> list[str]:
    """The files of the planner whose functions are called, in order; the same one only once in a row."""
    found: list[str] = []

    def seen(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        ours = event == "call" and not code.co_name.startswith("<") and code.co_filename.startswith(FOLDER)
        if ours and found[-1:] != [code.co_filename]:
            found.append(code.co_filename)

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        call()
    finally:
        sys.setprofile(before)
    return found


def test_it_does_not_go_to_and_fro() -> None:
    memory = Remembered({uuid("a"): xml("web", uuid("a"))})
    found = files_of(lambda: planned([WEB], [actual("web", "a", data=OTHER)], memory=memory))
    assert len(set(found)) > 15, "the planner is looked at"
    assert len(found) - len(set(found)) <= MOST, [Path(each).stem for each in found]

"""Which exit code an error stands for is said where its code is."""

from __future__ import annotations

from vmspec.base.code import Fault
from vmspec.codes import load_all


def test_faults() -> None:
    """Ranges and numbers as docs/outputs.md and docs/deploy.md have them: 89xx are the lock's."""
    codes = load_all().values()
    assert {code.number for code in codes if code.fault is Fault.LOCK} == {code.number for code in codes if 8900 <= code.number < 8950}
    assert {code.number for code in codes if code.fault is Fault.CALL} == {1901, 1902, 1903, 1904, 6903, 6904, 7001, 8001, 8003, 8008}

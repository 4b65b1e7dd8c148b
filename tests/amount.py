"""How much the tests try: a sample, or all where `make test-all` has set VMSPEC_TEST_ALL."""

from __future__ import annotations

import os

ALL = bool(os.environ.get("VMSPEC_TEST_ALL"))


def amount(usual: int, most: int) -> int:
    """How many of something that could be tried without end; `most` where all is asked for."""
    return most if ALL else usual

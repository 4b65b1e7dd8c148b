"""Where the tests keep what is costly to fetch: the user's own cache directory, never a shared temporary one."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_dir(name: str) -> Path:
    """The cache directory `name`, made if absent; `VMSPEC_TEST_CACHE` moves all of them."""
    base = os.environ.get("VMSPEC_TEST_CACHE")
    path = (Path(base) if base else platformdirs.user_cache_path("vmspec-tests", appauthor=False)) / name
    path.mkdir(parents=True, exist_ok=True)
    return path

"""Pickled syntax trees of the standard library, which a wheel contains.

They are pickles. That is safe because they are read from the installed package alone, beside the code that reads them, and from no
cache and no temporary directory.
"""

from __future__ import annotations

import pickle
from pathlib import Path

from vmspec.syntax import tree

SUFFIX = ".tree"


def dump(file: tree.File) -> bytes:
    """Pickle a tree; equal trees give equal bytes."""
    return pickle.dumps(file, protocol=5)


def load(path: Path) -> tree.File:
    file = pickle.loads(path.read_bytes())
    assert isinstance(file, tree.File)
    return file

"""Golden files: what a text is to be, byte for byte; `UPDATE_GOLDEN=1 pytest …` writes them anew, for a person to read."""

from __future__ import annotations

import os
from pathlib import Path


def same(text: str, file: Path) -> None:
    """Fails where the text differs from the file."""
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    assert text == file.read_bytes().decode(), f"differs from {file}"

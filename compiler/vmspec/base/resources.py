"""Locates the package's data files: inside an installed wheel, or at the repository root of a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
CHECKOUT = PACKAGE.parents[1]


def grammar() -> Path:
    """The folder of `vmspec.lark` and, in a wheel, of the compiled `tables.json`."""
    return _folder("grammar")


def stdlib() -> Path:
    """The folder of the standard profiles."""
    return _folder("stdlib")


def schemas() -> Path:
    """The folder of the XML Schemas that are made from the model; in a checkout there is none."""
    return PACKAGE / "_schemas"


def _folder(name: str) -> Path:
    installed = PACKAGE / f"_{name}"
    return installed if installed.is_dir() else CHECKOUT / name

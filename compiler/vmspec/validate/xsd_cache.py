"""The XML Schema of the model, compiled: shipped in a wheel, in a checkout made when the model changes and kept in the user's cache."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING

from vmspec.base import resources
from vmspec.base.cache import cache_folder, read_own, write_own

if TYPE_CHECKING:
    from lxml import etree

SHIPPED = "domain.xsd"
SHIPPED_LAX = "domain-lax.xsd"


def schema(identity: bool) -> etree.XMLSchema:
    """With or without the constraints of identity; each thread has its own."""
    return _schema(identity, get_ident())


@cache
def _schema(identity: bool, thread: int) -> etree.XMLSchema:
    from lxml import etree

    return etree.XMLSchema(etree.fromstring(text(identity).encode()))


def text(identity: bool) -> str:
    name = SHIPPED if identity else SHIPPED_LAX
    file = resources.schemas() / name
    return file.read_text(encoding="utf-8") if file.is_file() else _cached(name, identity)


def _cached(name: str, identity: bool) -> str:
    made_from = _stamps()
    file = cache_folder() / f"{name}.json"
    kept = read_own(file)
    if kept is not None and kept.get("made_from") == made_from and isinstance(kept.get("text"), str):
        return str(kept["text"])
    from vmspec.validate import xsd

    made = xsd.text(identity=identity)
    import json

    write_own(file, json.dumps({"made_from": made_from, "text": made}))
    return made


def _stamps() -> list[list[str | int]]:
    """Which version of the model and of the generator this is, without reading them."""
    package = Path(__file__).parents[1]
    files = sorted([*(package / "model").rglob("*.py"), *(package / "validate").glob("*.py")])
    return [[str(file), (status := file.stat()).st_size, status.st_mtime_ns] for file in files]

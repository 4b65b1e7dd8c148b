"""Which of a VM's features, and words of its enumerations, are newer than a version of libvirt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from vmspec.base.provenance import Path
from vmspec.model.block import Attr, Block, schema
from vmspec.model.kind import OneOf
from vmspec.model.target import Version
from vmspec.model.target import version as version_of


def newer_features(block: Block, version: Version, path: Path = ()) -> Iterator[tuple[Path, str, str]]:
    """Path, what is newer there and its version, of each feature and word that is set and came later; nothing below such a block."""
    values = vars(block)
    for name, python, since, needs, words in _lines(type(block)):  # type: ignore[arg-type]
        value = values.get(python)
        if value is None or value == ():
            continue
        if needs > version:
            yield (*path, name), name, since
        elif isinstance(value, Block):
            yield from newer_features(value, version, (*path, name))
        elif isinstance(value, tuple) and isinstance(value[0], Block):
            for each in value:
                yield from newer_features(each, version, (*path, name, each.label))
        elif words and version_of(words.get(str(value))) > version:
            yield (*path, name), f"{name} = {value}", words[str(value)]


@cache
def _lines(block: type[Block]) -> tuple[tuple[str, str, str, Version, Mapping[str, str]], ...]:
    return tuple(
        (f.name, f.python, f.line.since, version_of(f.line.since), _words(f.line.kind) if isinstance(f.line, Attr) else {})
        for f in schema(block).fields
    )


def _words(kind: object) -> Mapping[str, str]:
    return kind.since if isinstance(kind, OneOf) else {}

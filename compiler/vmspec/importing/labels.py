"""Labels for imported blocks: deterministic, unique, and such as a person would have chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vmspec.model.block import Attr, Field, Many, schema
from vmspec.model.label import bad_label

STEMS = {"interface": "eth", "disk": "disk", "memory_device": "dimm"}
"""What a label begins with where neither the block nor its `implied` label tells."""


def label_of(field: Field, values: Mapping[str, Any], index: int, taken: set[str]) -> str:
    """The label of the index-th block of a line: what the block is called by, its alias, or its number."""
    line = field.line
    assert isinstance(line, Many)
    if line.numbered:
        wanted = str(index)
    else:
        own = next((values.get(f.python) for f in schema(field.types[0]) if isinstance(f.line, Attr) and f.line.policy == "label"), None)
        alias = values.get("alias")
        called = [str(own or ""), alias.removeprefix("ua-") if isinstance(alias, str) else ""]
        stem = line.implied.rstrip("0123456789") or STEMS.get(field.python, field.name)
        first = int(line.implied[len(stem) :] or 0) if line.implied.startswith(stem) else 0
        wanted = next((each for each in called if not bad_label(each)), f"{stem}{first + index}")
    label, copy = wanted, 2
    while label in taken:
        label, copy = (str(int(wanted) + copy) if line.numbered else f"{wanted}-{copy}"), copy + 1
    taken.add(label)
    return label

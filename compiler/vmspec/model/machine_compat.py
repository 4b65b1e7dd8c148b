"""What a guest would see of another machine type: the properties of devices that QEMU's types set for the sake of older ones.

The table comes from QEMU itself (`tests/machine_table.py`: query-machines with compat-props, QEMU 9.1 and newer) and says its version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

from vmspec.base.record import record
from vmspec.model.target import Version, version

TABLE = Path(__file__).with_name("machine_compat.json")
Key: TypeAlias = tuple[str, str]
"""A kind of device, and its property."""


@record(frozen=True)
class PropertyChange:
    """One property of a kind of device. None: the device's own default of the newer QEMU."""

    device: str
    name: str
    before: str | None
    after: str | None


def newest_known() -> str:
    """The version of the QEMU that the table came from."""
    return str(_table()["qemu"])


def families() -> Mapping[str, tuple[str, ...]]:
    """The versions of each family of machines, newest first."""
    return {name: tuple(versions) for name, versions in _families().items()}


def property_changes(before: str, after: str) -> tuple[PropertyChange, ...] | str:
    """What changes between two machine types of one family, or why that cannot be told."""
    found = [_parts(machine) for machine in (before, after)]
    for machine, parts in zip((before, after), found, strict=True):
        if parts is None:
            return f"{machine} is no versioned machine type of {', '.join(_families())}"
        if parts[1] not in _families()[parts[0]]:
            every = tuple(_families()[parts[0]])
            return f"QEMU {newest_known()} has no {machine}: it has {parts[0]}-{every[-1]} to {parts[0]}-{every[0]}"
    first, second = (parts for parts in found if parts is not None)
    if first[0] != second[0]:
        return f"{before} and {after} are different machines: the guest sees other hardware altogether"
    one, other = _properties(*first), _properties(*second)
    keys = sorted(key for key in {**one, **other} if one.get(key) != other.get(key))
    return tuple(PropertyChange(*key, one.get(key), other.get(key)) for key in keys)


def _parts(machine: str) -> tuple[str, str] | None:
    found = re.fullmatch(r"(.+)-([0-9]+\.[0-9]+)", machine)
    return (found[1], found[2]) if found and found[1] in _families() else None


@cache
def _properties(family: str, wanted: str) -> Mapping[Key, str]:
    """All that a type sets: what it and every newer one add."""
    held: dict[Key, str] = {}
    for name, added in _families()[family].items():
        if _number(name) >= _number(wanted):
            held.update({(device, name): value for device, name, value in added})
    return held


def _number(text: str) -> Version:
    return version(text)


def _families() -> Mapping[str, Mapping[str, tuple[tuple[str, str, str], ...]]]:
    return _table()["families"]  # type: ignore[return-value]


@cache
def _table() -> Mapping[str, object]:
    read: Mapping[str, object] = json.loads(TABLE.read_text(encoding="utf-8"))
    return read

"""Derived values that conditions and `self` may read before they are derived: bus, target, read-only, empty source of a disk.

The facts are the model's; this page says for which attributes conditions of wildcards may ask for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from vmspec.base.provenance import Path
from vmspec.model.block import Block
from vmspec.model.devices.drives import UNFORMATTED, drive_bus, image_format, is_target
from vmspec.model.machine import ALIAS_OF_ARCH, alias_of
from vmspec.model.value import Symbol, Value

Look: TypeAlias = "Callable[[Path], Value | None]"
"""Reads the value at a path of the object, set or derived."""


def follows(path: Path, look: Look) -> Value | None:
    """The derived value at a path; None if there is none."""
    rule = RULES.get((path[0], *path[2:])) if len(path) > 2 else None
    return rule(path[:2], look) if rule is not None else None


def stands(path: Path, look: Look) -> bool:
    """Whether the model's default applies to an attribute that nothing sets; an interface of type hostdev has no model."""
    return (path[0], path[2:]) != ("interface", ("model",)) or look((*path[:2], "source")) != "hostdev"


def _bus(disk: Path, look: Look) -> Value | None:
    machine = alias_of(str(look(("machine",)))) or ALIAS_OF_ARCH.get(str(look(("arch",))))
    return Symbol(drive_bus(str(look((*disk, "device"))), machine))


def _target(disk: Path, look: Look) -> Value | None:
    return Symbol(disk[1]) if is_target(disk[1], str(look((*disk, "bus")))) else None


def _readonly(disk: Path, look: Look) -> Value | None:
    return True if look((*disk, "device")) == "cdrom" else None


def _empty(disk: Path, look: Look) -> Value | None:
    return Symbol("file") if look((*disk, "device")) in ("cdrom", "floppy") else None


RULES: Mapping[Path, Callable[[Path, Look], Value | None]] = {
    ("disk", "bus"): _bus,
    ("disk", "target"): _target,
    ("disk", "readonly"): _readonly,
    ("disk", "source"): _empty,
}
"""The derivations by kind of block and attribute."""


def format_of(source: Block) -> Value | None:
    """The format of an image whose source does not set it."""
    held = vars(source)
    if source.tag in UNFORMATTED:
        return None
    return Symbol(image_format(str(held.get("path") or held.get("volume") or held.get("name") or "")))

"""Drops empty elements and attributes (`<uuid/>`, `<devices></devices>`) from imported definitions.

libvirt 9.0.0 takes an empty text for none (virXPathString, src/util/virxml.c), and an empty source of a disk for a drive without a
medium (virDomainStorageSourceParse, src/conf/domain_conf.c); its schema refuses most of them.
"""

from __future__ import annotations

import re
from typing import TypeVar

from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult
from vmspec.model.block import Attr, Block, schema
from vmspec.model.devices.disk import Disk
from vmspec.model.layout import layout

B = TypeVar("B", bound=Block)
_EMPTY = re.compile(r"\s*<([\w.-]+)\s*(?:/>|>\s*</\1\s*>)\s*")


def expand(vm: Vm, context: Context) -> PassResult:
    spec = vm.spec
    told = _told(spec)
    boot = None if told.boot is None else _told(told.boot)
    disks = tuple(_disk(disk) for disk in spec.disk)
    changed = {name: value for name in ("title", "description") if (value := getattr(told, name)) is not getattr(spec, name)}
    if told.raw is not spec.raw:
        changed["raw"] = told.raw
    if boot is not spec.boot:
        changed["boot"] = boot
    if any(new is not old for new, old in zip(disks, spec.disk, strict=True)):
        changed["disk"] = disks
    return PassResult(changed) if changed else NOTHING


def _disk(disk: Disk) -> Disk:
    source = disk.source
    told = None if source is None else _told(source)
    return _told(disk if told is source else disk.but(source=told))


def _told(block: B) -> B:
    """The block without what says nothing; itself where there is nothing of the kind."""
    values = vars(block)
    empty = {
        field.python: None
        for field in (schema(type(block)) if "" in values.values() else ())
        if values.get(field.python) == "" and isinstance(field.line, Attr) and field.line.place and "@" not in field.line.place
    }
    if values.get("raw"):
        raw = _raw(block)
        if raw != block.raw:
            return block.but(raw=raw, **empty)
    return block.but(**empty) if empty else block


def _raw(block: Block) -> dict[str, str]:
    """Parts that are neither empty nor only empty elements of a known name."""
    known = layout(type(block)).root.by_tag
    return {
        place: part
        for place, part in block.raw.items()
        if part and not (all(tag in known for tag in _EMPTY.findall(part)) and not _EMPTY.sub("", part))
    }

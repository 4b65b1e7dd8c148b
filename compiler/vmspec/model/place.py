"""Where a feature stands in XML: the place strings of typed lines, parsed once."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

NAMESPACES = {
    "qemu": "http://libvirt.org/schemas/domain/qemu/1.0",
    "lxc": "http://libvirt.org/schemas/domain/lxc/1.0",
    "xen": "http://libvirt.org/schemas/domain/xen/1.0",
    "bhyve": "http://libvirt.org/schemas/domain/bhyve/1.0",
    "vmware": "http://libvirt.org/schemas/domain/vmware/1.0",
    "dnsmasq": "http://libvirt.org/schemas/network/dnsmasq/1.0",
    "fs": "http://libvirt.org/schemas/storagepool/fs/1.0",
    "rbd": "http://libvirt.org/schemas/storagepool/rbd/1.0",
    "vmspec": "https://vmspec.dev/xmlns/domain/1",
}
"""Prefixes that places may use (src/conf/schemas/domaincommon.rng 9.0.0), and our own, for metadata."""


class XmlStep(NamedTuple):
    """One element on the way: `page`, `timer[@name='rtc']`, `vcpupin[@vcpu=$label]`, `host*`."""

    name: str
    """With its prefix where it has one."""
    constants: tuple[tuple[str, str], ...] = ()
    label: str = ""
    """The attribute that holds the block's label."""
    repeated: bool = False

    @property
    def tag(self) -> str:
        """The element's name as parsers know it: `{uri}name`."""
        prefix, colon, local = self.name.partition(":")
        return f"{{{NAMESPACES[prefix]}}}{local}" if colon else self.name


class Place(NamedTuple):
    steps: tuple[XmlStep, ...]
    attribute: str | None
    """None: the element's text, or its presence."""


_STEP = re.compile(r"([A-Za-z_][\w.:-]*)((?:\[@[^\]]*\])*)(\*?)")
_CONDITION = re.compile(r"\[@([\w:-]+)=(?:'([^']*)'|(\$label))\]")


@cache
def parse(place: str) -> Place:
    """A ValueError for a place that no typed line may have: a mistake in the model."""
    steps: list[XmlStep] = []
    parts = place.split("/") if place else []
    attribute = parts.pop()[1:] if parts and parts[-1].startswith("@") else None
    for part in parts:
        match = _STEP.fullmatch(part)
        if match is None:
            raise ValueError(f"place {place!r}: step {part!r}")
        conditions = [m.groups() for m in _CONDITION.finditer(match[2])]
        constants = tuple((name, text) for name, text, label in conditions if not label)
        labels = [name for name, _, label in conditions if label]
        steps.append(XmlStep(match[1], constants, labels[0] if labels else "", bool(match[3])))
    return Place(tuple(steps), attribute)

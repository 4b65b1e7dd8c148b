"""Elements of imported XML of which libvirt takes one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vmspec.check.queries.raw import with_raw
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.block import Block
from vmspec.model.devices.chardev import CharDevice, UdpSource
from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain

ONCE: tuple[tuple[type[Block], str, str], ...] = (
    (Domain, "devices", "memballoon"),
    (Domain, "devices", "nvram"),
    (Domain, "devices", "vsock"),
    (Domain, "cputune", "emulatorpin"),
    (Domain, "cputune", "emulatorsched"),
    (Domain, "", "resource"),
    (Controller, "", "model"),
    (Controller, "", "target"),
)
"""A block, the place of the element around it, and its name: `only a single memory balloon device is supported`, `Multiple <model> elements
in controller definition not allowed` (virDomainDefParseXML and what it calls, src/conf/domain_conf.c 9.0.0)."""


@rule(4914, "second-element", phase=Phase.DEFINE)
def second_element(vm: Domain) -> Iterator[Finding]:
    """
    What: Imported XML has a second element of a kind of which libvirt takes one: a balloon, a model of a controller, a source of a serial
    port.
    Why: libvirt 9.0.0 refuses it at parse (virDomainDefParseXML and what it calls, src/conf/domain_conf.c); of most others it takes the
    first. The language has one value for a name.
    Example:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 2; features { acpi = true }
          memory.balloon { model = virtio }
          xml { "devices" = "<memballoon model='none'/>" }
        }
    Instead:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 2; features { acpi = true }
          memory.balloon { model = virtio }
        }
    """
    for path, block in with_raw(vm, ()):
        for kind, place, name in ONCE:
            if isinstance(block, kind) and _there(name, block.raw, place):
                yield Finding((*path, "xml", place) if place else (*path, "xml"), f"there are two elements <{name}>, and libvirt takes one")
        if isinstance(block, CharDevice) and not isinstance(block.source, UdpSource) and block.raw.get("@type") is None:
            sources = len(re.findall(r"<source[\s/>]", block.raw.get("", ""))) + (block.source is not None)
            if sources > 1:
                yield Finding((*path, "xml"), f"there are {sources} sources, and libvirt takes one")


def _there(name: str, raw: Mapping[str, str], place: str) -> bool:
    """Also in a second element around it: libvirt's paths lead into both."""
    parts = (raw.get(place, ""), raw.get("", "") if place else "")
    return any(re.search(rf"<{name}[\s/>]", part) for part in parts)

"""A text that libvirt cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.raw import with_raw
from vmspec.check.queries.texts import direct, within
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4950, "number-unread", phase=Phase.DEFINE)
def number_unread(vm: Domain) -> Iterator[Finding]:
    """
    What: In imported XML there is a text that is none of those that its place can have: a word that no enumeration has, a number that is
    none, a size with an unknown unit, a UUID or MAC address that is none.
    Why: libvirt refuses a value that it cannot read at parse (virXMLPropEnum, virXMLPropUInt and their kin, src/util/virxml.c 9.0.0);
    the places where it does not are marked in the model, each tried on libvirt 9.0.0. It comes from XML only: the language checks its
    values itself.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid value for attribute 'queues' in element 'driver': '-5'.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
          interface eth0 { source = bridge("br0"); xml { "driver/@queues" = "-5" } }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
          interface eth0 { source = bridge("br0"); queues = 1; model = virtio }
        }
    """
    for path, block in with_raw(vm, ()):
        for place, (steps, reads) in direct(type(block)).items():
            text, unit = block.raw.get(place), block.raw.get(_unit(place))
            if text is not None and "<" not in text and not any(read.fits(text, unit) for read in reads):
                shown = text.strip() if unit is None else f"{text.strip()} {unit}"
                yield Finding((*path, "xml", place), f"{_shown(place, steps)} {shown!r} is not {reads[0].noun}")
        for place, tag, attribute, steps, read in within(type(block)):
            for text in re.findall(rf'<{tag}\b[^>]*?\s{attribute}="([^"]*)"', block.raw.get(place, "")):
                if not read.fits(text):
                    at = (*path, "xml", place) if place else (*path, "xml")
                    yield Finding(at, f"{_shown(attribute, steps)} {text!r} is not {read.noun}")


def _unit(place: str) -> str:
    """Where the unit of what stands at a place stands."""
    return f"{place.rpartition('/@')[0] if '@' in place else place}/@unit".lstrip("/")


def _shown(place: str, steps: Path) -> str:
    """The word of the language, and libvirt's where it is another one."""
    own = place.rpartition("/")[2].removeprefix("@")
    return steps[-1] if own.lower() in (steps[-1], steps[-1].replace("-", "")) else f"{own} ({steps[-1]})"

"""A number that libvirt cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.read.raw import with_raw
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.block import Attr, schema
from vmspec.model.domain import Domain
from vmspec.model.kind import Cpus, Integer, Words


@rule(4950, "number-unread", phase=Phase.DEFINE)
def number_unread(vm: Domain) -> Iterator[Finding]:
    """
    What: In imported XML an attribute that is a number, a set of CPUs or a pattern holds something else.
    Why: libvirt refuses a value that it cannot read at parse (virXMLPropUInt and its kin, src/util/virxml.c 9.0.0). It comes from XML only:
    the language checks its values itself.
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
        for field in schema(type(block)):
            line = field.line
            text = (
                block.raw.get(line.place)
                if isinstance(line, Attr) and line.place and line.place.rpartition("/")[2].startswith("@")
                else None
            )
            if text and isinstance(line, Attr) and isinstance(line.kind, (Integer, Words, Cpus)):
                yield Finding((*path, field.name), f"{field.name} {text!r} is not {line.kind.noun}")

"""A Spice channel without Spice."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.chardevs import sources
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4803, "spice-missing", phase=Phase.DEFINE)
def spice_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: A spicevmc or spiceport source, and the VM has no Spice graphics.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainChrSourceDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: chardev 'spicevmc' not supported without spice
    graphics.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          channel agent { source = spicevmc(); name = "com.redhat.spice.0" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = spice }
          channel agent { source = spicevmc(); name = "com.redhat.spice.0" }
        }
    """
    if any(g.type == "spice" for g in vm.graphics):
        return
    for path, source, _ in sources(vm):
        if source.tag in ("spicevmc", "spiceport"):
            yield Finding(
                (*path, "source"), f"{source.tag}() needs Spice graphics", help="add graphics { type = spice }, or use a unix() source"
            )

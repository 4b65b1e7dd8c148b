"""Memory that is rounded up."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import Size, show_quantity


@rule(4203, "not-whole-mebibytes", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def not_whole_mebibytes(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.size` is not a whole number of MiB.
    Why: libvirt rounds it up as the guest starts (qemuDomainAlignMemorySizes, src/qemu/qemu_domain.c 9.0.0); a size in GB is 1000³ bytes
    and mostly meant GiB.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory.size = 1000000KiB
        }
    Instead:
        vm a {
          cpu.count = 2
          memory.size = 977MiB
        }
    """
    size = vm.memory.size if vm.memory is not None else None
    if size and size % (1 << 20):
        up = Size(-(-size // (1 << 20)) << 20)
        yield Finding(
            ("memory", "size"),
            f"{show_quantity(size)} is no whole number of MiB, and the guest gets {show_quantity(up)}",
            instead=show_quantity(up),
        )

"""Huge pages that come one by one or from nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import page_sizes
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4207, "hugepages-ondemand", phase=Phase.DEFINE)
def hugepages_ondemand(vm: Domain) -> Iterator[Finding]:
    """
    What: Huge pages with `allocation = ondemand` or `source = anonymous`.
    Why: libvirt 9.0.0 refuses both at define (qemuValidateDomainDefMemory, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: hugepages are not allowed with anonymous memory source.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; hugepages = 2MiB; source = anonymous }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; hugepages = 2MiB; source = memfd }
        }
    """
    memory = vm.memory
    if memory is None or not page_sizes(vm):
        return
    if memory.allocation == "ondemand":
        yield Finding(("memory", "allocation"), "huge pages are allocated when the guest starts, not on demand", instead="immediate")
    if memory.source == "anonymous":
        yield Finding(("memory", "source"), "huge pages are no anonymous memory", instead="memfd")

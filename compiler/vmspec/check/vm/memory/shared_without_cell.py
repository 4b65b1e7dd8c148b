"""Shared memory that stays private."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import page_sizes
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4213, "shared-without-cell", phase=Phase.ACCEPTED)
def shared_without_cell(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.access = shared` has no effect: ordinary anonymous memory without a cell, `source` or huge pages.
    Why: Anonymous memory cannot be mapped by others. libvirt turns it into a file below /var/lib/libvirt/qemu/ram where it can
    (docs/formatdomain.rst 9.0.0, "access"), on the disk that holds it; `source = memfd` says what is meant.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; access = shared; source = anonymous }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; access = shared; source = memfd }
        }
    """
    memory = vm.memory
    if memory is not None and memory.access == "shared" and memory.source == "anonymous" and not page_sizes(vm):
        yield Finding(
            ("memory", "source"),
            "anonymous memory cannot be shared",
            labels=((("memory", "access"), "shared is asked for"),),
            instead="memfd",
        )

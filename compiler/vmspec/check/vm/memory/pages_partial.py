"""Cells that stay on small pages."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.memory import cells
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(4212, "pages-partial", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def pages_partial(vm: Domain) -> Iterator[Finding]:
    """
    What: `pages` name some of the guest's cells and the rest get ordinary pages.
    Why: libvirt gives huge pages to the named cells only (docs/formatdomain.rst 9.0.0, "hugepages": nodeset); mostly a cell was forgotten.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; pages big { size = 2MiB; nodes = 0 } }
          numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; pages big { size = 2MiB; nodes = 0-1 } }
          numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    """
    if vm.memory is None or not vm.memory.pages or any(p.nodes is None for p in vm.memory.pages) or vm.memory.hugepages:
        return
    named = {n for p in vm.memory.pages for n in p.nodes or ()}
    left = [i for i in range(len(cells(vm))) if i not in named]
    if left:
        yield Finding(("memory", "pages", vm.memory.pages[0].label), f"cell {CpuSet.of(left)} has ordinary pages")

"""Pages for a cell that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_count
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(4211, "pages-cell-missing", phase=Phase.DEFINE)
def pages_cell_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: `pages.nodes` names a cell that the guest does not have.
    Why: The set means the guest's cells, not the host's nodes; libvirt 9.0.0 refuses others at define ("hugepages: node 1 not found",
    virDomainDefMemtuneValidate, src/conf/domain_validate.c). Without cells, 0 is allowed.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: hugepages: node 1 not found.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; pages big { size = 1GiB; nodes = 0-1 } }
          numa { cell 0 { cpus = 0-1; memory = 2GiB } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; pages big { size = 1GiB; nodes = 0 } }
          numa { cell 0 { cpus = 0-1; memory = 2GiB } }
        }
    """
    if vm.memory is None:
        return
    count = cell_count(vm)
    if count is None:
        return
    for page in vm.memory.pages:
        beyond = [n for n in page.nodes if n >= max(count, 1)] if page.nodes is not None else []
        if beyond:
            yield Finding(
                ("memory", "pages", page.label, "nodes"),
                f"cell {CpuSet.of(beyond)} does not exist: the guest has {count or 'no'} cell{'' if count == 1 else 's'}",
                help="nodes are the guest's cells, not the host's",
            )

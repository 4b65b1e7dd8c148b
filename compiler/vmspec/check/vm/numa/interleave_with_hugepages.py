"""Strictness over several nodes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4262, "interleave-with-hugepages", phase=Phase.RUNTIME, severity=Severity.WARNING)
def interleave_with_hugepages(vm: Domain) -> Iterator[Finding]:
    """
    What: `numa.mode = strict` over several nodes for a guest without cells.
    Why: The guest sees one node and its memory lies on several: half of its accesses are remote and it cannot know which. Give the guest a
    cell for each node, or keep it in one (docs/formatdomain.rst 9.0.0, "NUMA Node Tuning").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa { mode = strict; nodeset = 0-1 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa { mode = strict; nodeset = 0 }
        }
    """
    numa = vm.numa
    if numa is not None and numa.mode == "strict" and numa.nodeset is not None and len(numa.nodeset) > 1 and not numa.cell:
        yield Finding(
            ("numa", "nodeset"),
            f"the guest's memory lies on nodes {numa.nodeset}, and it sees only one",
            help="add numa cells with a nodeset each, or name one node",
        )

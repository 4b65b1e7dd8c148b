"""Two page sizes for one cell."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_count
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(4210, "pages-overlap", phase=Phase.DEFINE)
def pages_overlap(vm: Domain) -> Iterator[Finding]:
    """
    What: Two `pages` blocks name the same cell, or two name none.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefMemtuneValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: nodeset attribute of hugepages of sizes 2048 and 1048576 intersect.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; pages big { size = 1GiB; nodes = 0 }; pages small { size = 2MiB; nodes = 0 } }
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
    pages = vm.memory.pages
    # Without cells libvirt takes "0" for all of the memory (virDomainDefPostParseMemtune, src/conf/domain_postparse.c 9.0.0).
    whole = CpuSet(1) if cell_count(vm) == 0 else None
    for i, page in enumerate(pages):
        for other in pages[:i]:
            if page.nodes in (None, whole) and other.nodes in (None, whole):
                yield Finding(
                    ("memory", "pages", page.label),
                    "two page sizes for all cells",
                    labels=((("memory", "pages", other.label), "the first"),),
                )
            elif page.nodes is not None and other.nodes is not None and page.nodes & other.nodes:
                both = page.nodes & other.nodes
                yield Finding(
                    ("memory", "pages", page.label, "nodes"),
                    f"cell {both} has two page sizes",
                    labels=((("memory", "pages", other.label, "nodes"), "the other"),),
                )

"""Memory that is no whole number of pages."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.memory import cells
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import Size, show_quantity


@rule(4209, "pages-not-whole", phase=Phase.START)
def pages_not_whole(vm: Domain) -> Iterator[Finding]:
    """
    What: The guest's memory, or that of a cell, is not a multiple of the page size.
    Why: QEMU cannot map part of a huge page and the start fails ("RAM size must be multiple of page size", backends/hostmem-file.c and
    softmmu/physmem.c of QEMU 7.2); libvirt 9.0.0 accepts it at define.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1536MiB; hugepages = 1GiB }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; hugepages = 1GiB }
        }
    """
    memory = vm.memory
    if memory is None or not isinstance(memory.hugepages, int) or isinstance(memory.hugepages, bool) or memory.pages:
        return
    page = memory.hugepages
    parts: list[tuple[Path, Size | None]] = [(("numa", "cell", c.label, "memory"), c.memory) for c in cells(vm)] or [
        (("memory", "size"), memory.size)
    ]
    for path, size in parts:
        if size and page and size % page:
            up = show_quantity(Size(-(-size // page) * page))
            yield Finding(
                path,
                f"{show_quantity(size)} is no multiple of the {show_quantity(Size(page))} pages",
                labels=((("memory", "hugepages"), "the page size"),),
                instead=up,
            )

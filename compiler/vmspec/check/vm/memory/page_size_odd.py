"""A page size that no processor has."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import page_sizes
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_x86
from vmspec.model.value import Size, show_quantity

_X86 = (4 << 10, 2 << 20, 1 << 30)


@rule(4208, "page-size-odd", phase=Phase.START)
def page_size_odd(vm: Domain) -> Iterator[Finding]:
    """
    What: The page size is not a power of two, or on x86 none of 4 KiB, 2 MiB and 1 GiB.
    Why: libvirt looks for a hugetlbfs mount of that size at start and finds none ("Unable to find any usable hugetlbfs mount",
    qemuGetDomainHupageMemPath, src/qemu/qemu_conf.c 9.0.0); define accepts it (observed: 3 MiB pages).
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; hugepages = 4MiB }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; hugepages = 2MiB }
        }
    """
    for size in sorted(s for s in page_sizes(vm) if s is not None):
        wrong = size & (size - 1) or (is_x86(vm) and size not in _X86)
        if wrong:
            path = ("memory", "hugepages") if vm.memory is not None and vm.memory.hugepages == size else ("memory", "pages")
            yield Finding(path, f"there are no pages of {show_quantity(Size(size))}", help="x86 has 2MiB and 1GiB pages")

"""Huge pages behind a guest's memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import cell_count, cells, page_sizes
from vmspec.model.machine import is_x86
from vmspec.model.value import CpuSet, Size, show_quantity


@rule(4207, "hugepages-ondemand", phase=Phase.DEFINE, needs="memory.hugepages memory.pages")
def hugepages_ondemand(vm: Domain) -> Iterator[Finding]:
    """
    What: Huge pages with `allocation = ondemand` or `source = anonymous`.
    Why: libvirt 9.0.0 refuses both at define (qemuValidateDomainDefMemory, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: hugepages are not allowed with anonymous memory source.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; hugepages = 2MiB; source = anonymous } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; hugepages = 2MiB; source = memfd } }
    """
    memory = vm.memory
    if memory is None or not page_sizes(vm):
        return
    if memory.allocation == "ondemand":
        yield Finding(("memory", "allocation"), "huge pages are allocated when the guest starts, not on demand", instead="immediate")
    if memory.source == "anonymous":
        yield Finding(("memory", "source"), "huge pages are no anonymous memory", instead="memfd")


_X86 = (4 << 10, 2 << 20, 1 << 30)


@rule(4208, "page-size-odd", phase=Phase.START, needs="memory.hugepages memory.pages")
def page_size_odd(vm: Domain) -> Iterator[Finding]:
    """
    What: The page size is not a power of two, or on x86 none of 4 KiB, 2 MiB and 1 GiB.
    Why: libvirt looks for a hugetlbfs mount of that size at start and finds none ("Unable to find any usable hugetlbfs mount",
    qemuGetDomainHupageMemPath, src/qemu/qemu_conf.c 9.0.0); define accepts it (observed: 3 MiB pages).
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; hugepages = 4MiB } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; hugepages = 2MiB } }
    """
    for size in sorted(s for s in page_sizes(vm) if s is not None):
        wrong = size & (size - 1) or (is_x86(vm) and size not in _X86)
        if wrong:
            path = ("memory", "hugepages") if vm.memory is not None and vm.memory.hugepages == size else ("memory", "pages")
            yield Finding(path, f"there are no pages of {show_quantity(Size(size))}", help="x86 has 2MiB and 1GiB pages")


@rule(4209, "pages-not-whole", phase=Phase.START, needs="memory.hugepages")
def pages_not_whole(vm: Domain) -> Iterator[Finding]:
    """
    What: The guest's memory, or that of a cell, is not a multiple of the page size.
    Why: QEMU cannot map part of a huge page and the start fails ("RAM size must be multiple of page size", backends/hostmem-file.c and
    softmmu/physmem.c of QEMU 7.2); libvirt 9.0.0 accepts it at define.
    Example:
        vm a { cpu.count = 2; memory { size = 1536MiB; hugepages = 1GiB } }
    Instead:
        vm a { cpu.count = 2; memory { size = 2GiB; hugepages = 1GiB } }
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


@rule(4210, "pages-overlap", phase=Phase.DEFINE, needs="memory.pages")
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


@rule(4211, "pages-cell-missing", phase=Phase.DEFINE, needs="memory.pages")
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


@rule(4212, "pages-partial", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="memory.pages")
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


@rule(4213, "shared-without-cell", phase=Phase.ACCEPTED, needs="memory.access")
def shared_without_cell(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.access = shared` has no effect: ordinary anonymous memory without a cell, `source` or huge pages.
    Why: Anonymous memory cannot be mapped by others. libvirt turns it into a file below /var/lib/libvirt/qemu/ram where it can
    (docs/formatdomain.rst 9.0.0, "access"), on the disk that holds it; `source = memfd` says what is meant.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; access = shared; source = anonymous } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; access = shared; source = memfd } }
    """
    memory = vm.memory
    if memory is not None and memory.access == "shared" and memory.source == "anonymous" and not page_sizes(vm):
        yield Finding(
            ("memory", "source"),
            "anonymous memory cannot be shared",
            labels=((("memory", "access"), "shared is asked for"),),
            instead="memfd",
        )


@rule(4219, "hugepages-and-balloon", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="memory.hugepages memory.pages")
def hugepages_and_balloon(vm: Domain) -> Iterator[Finding]:
    """
    What: Huge pages together with a balloon that is used: statistics aside, `free-page-reporting`, `autodeflate` or `current` below the
    memory.
    Why: The balloon gives back 4 KiB at a time, and a huge page is freed only when all of it is (QEMU docs, hw/virtio/virtio-balloon.c:
    "inhibited" and partially ballooned pages): the host gets nothing back.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; hugepages = 2MiB; balloon { model = virtio; free-page-reporting = true } } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; hugepages = 2MiB; balloon { model = none } } }
    """
    memory = vm.memory
    if memory is None or not page_sizes(vm):
        return
    balloon = memory.balloon
    used = balloon is not None and balloon.model != "none" and (balloon.free_page_reporting or balloon.autodeflate)
    if used:
        yield Finding(("memory", "balloon"), "a balloon gives no huge pages back", help="set memory.balloon.model = none")
    elif memory.current and memory.size and memory.current < memory.size:
        yield Finding(("memory", "current"), "a balloon gives no huge pages back", labels=((("memory", "hugepages"), "huge pages"),))

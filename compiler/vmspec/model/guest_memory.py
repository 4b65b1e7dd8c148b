"""The guest's memory as libvirt counts it."""

from __future__ import annotations

from vmspec.model.domain import Domain
from vmspec.model.numa import Cell


def cells(vm: Domain) -> tuple[Cell, ...]:
    """The guest's NUMA cells; a policy alone (`nodeset`) makes none."""
    if vm.numa is None:
        return ()
    some = vm.numa.cell
    return some if all(c.memory is not None or c.cpus is not None for c in some) else tuple(c for c in some if _exists(c))


def _exists(cell: Cell) -> bool:
    return cell.memory is not None or cell.cpus is not None or (cell.nodeset is None and cell.mode is None)


def cell_count(vm: Domain) -> int | None:
    """How many cells there are; None where imported XML has some that no line of the model claims."""
    return None if any(place.startswith("cpu/numa") for place in vm.raw) else len(cells(vm))


def initial_memory(vm: Domain) -> int:
    """Bytes at boot without memory modules: the cells, else `memory.size` (virDomainDefPostParseMemory, libvirt 9.0.0)."""
    if cells(vm):
        return cell_memory(vm)
    size = vm.memory.size if vm.memory is not None else None
    return int(size or 0) - sum(m.size or 0 for m in vm.memory_device)


def cell_memory(vm: Domain) -> int:
    return sum(c.memory or 0 for c in cells(vm))


def memory_is_shared(vm: Domain) -> bool:
    """Whether another process may map all of it (qemuValidateDomainDefVhostUserRequireSharedMemory, src/qemu/qemu_validate.c 9.0.0)."""
    whole = vm.memory is not None and vm.memory.access == "shared"
    nodes = cells(vm)
    return all(c.access == "shared" or (c.access is None and whole) for c in nodes) if nodes else whole


def page_sizes(vm: Domain) -> frozenset[int | None]:
    """Sizes of the huge pages that are asked for; None stands for the host's default size. Empty: ordinary pages."""
    memory = vm.memory
    if memory is None:
        return frozenset()
    single = memory.hugepages
    found: set[int | None] = {p.size for p in memory.pages}
    if single is True:
        found.add(None)
    elif isinstance(single, int) and single:
        found.add(int(single))
    return frozenset(found)


def total_memory(vm: Domain) -> int:
    """Bytes with memory modules, as libvirt counts `<memory>`."""
    if cells(vm):
        return cell_memory(vm) + sum(m.size or 0 for m in vm.memory_device)
    return int(vm.memory.size or 0) if vm.memory is not None else 0


MIB = 1 << 20


def qemu_memory(vm: Domain) -> int:
    """Bytes that QEMU and its helpers take beside the guest's RAM, about: what they were seen to take, not a limit.

    Page tables of the guest's RAM (1/512; next to none with 1 GiB pages), 60 MiB, 8 MiB a vCPU and I/O thread for stacks and caches
    (KubeVirt's GetMemoryOverhead, pkg/virt-controller/services/renderresources.go 1.2), video memory, swtpm, virtiofsd.
    """
    large = page_sizes(vm) == frozenset((1 << 30,))
    count = vm.cpu.max or vm.cpu.count or 1 if vm.cpu is not None else 1
    threads = max(len(vm.iothread), vm.iothreads or 0)
    tables = 0 if large else total_memory(vm) // 512
    video = sum(int(v.ram or 0) + int(v.vram or 0) + int(v.vgamem or 0) for v in vm.video)
    helpers = 53 * len(vm.tpm) + 50 * len(vm.filesystem)
    return tables + video + (60 + 8 * (count + threads) + helpers) * MIB

"""More huge pages than the host reserves."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hosts import page_size
from vmspec.check.queries.memory import total_memory
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import Size, show_quantity


@rule(5004, "hugepages-short", phase=Phase.FLEET)
def hugepages_short(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The VMs of a host ask for more huge pages of a size than its nodes reserve; bound VMs of their nodes.
    Why: The last guest does not start ("unable to map backing store for guest RAM: Cannot allocate memory", QEMU 7.2); libvirt checks at
    start only.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB; hugepages { 1GiB = 2 } } }
        vm a { place = host(n1); cpu.count = 1; memory { size = 4GiB; hugepages = 1GiB } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB; hugepages { 1GiB = 4 } } }
        vm a { place = host(n1); cpu.count = 1; memory { size = 4GiB; hugepages = 1GiB } }
    """
    pools: dict[int, int] = {}
    for node in host.spec.numa:
        for key, count in node.hugepages.items():
            size = page_size(key)
            if size and isinstance(count, int):
                pools[size] = pools.get(size, 0) + count
    if not pools:
        return
    for size, room in sorted(pools.items()):
        asking = [(vm, -(-total_memory(vm.spec) // size)) for vm in vms if vm.spec.memory is not None and vm.spec.memory.hugepages == size]
        want = sum(pages for _, pages in asking)
        if want > room:
            last = asking[-1][0]
            yield Finding(
                ("memory", "hugepages"),
                f"the VMs of {host.name} want {want} pages of {show_quantity(Size(size))}, and it reserves {room}",
                others=(
                    (host, ("numa",), "reserved here"),
                    *((vm, ("memory", "hugepages"), f"{pages} pages") for vm, pages in asking[:5] if vm is not last),
                ),
                of=last,
            )

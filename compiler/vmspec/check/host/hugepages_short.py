"""More huge pages than the host reserves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.provenance import Path
from vmspec.check.queries.hosts import nodes, page_size
from vmspec.check.queries.pages import PageDemand, demands, pools
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet, Size, show_quantity


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
    there = pools(host)
    asking = [(vm, demand) for vm in vms for demand in demands(vm.spec)]
    for size, of_nodes in sorted(there.items()):
        group = [each for each in asking if each[1].size == size]
        if group and sum(each[1].pages for each in group) > sum(of_nodes.values()):
            yield _finding(host, size, None, group, of_nodes)
            continue
        for where in dict.fromkeys(demand.where for _, demand in group if demand.where is not None):
            inside = [each for each in group if each[1].where is not None and not each[1].where - where]
            have = {number: of_nodes.get(number, 0) for number in where}
            if not where - CpuSet.of(nodes(host)) and sum(each[1].pages for each in inside) > sum(have.values()):
                yield _finding(host, size, where, inside, have)
                break


def _finding(host: HostObject, size: int, where: CpuSet | None, asking: list[tuple[Vm, PageDemand]], have: Mapping[int, int]) -> Finding:
    """`where`: the nodes that are short; None: all together."""
    want, room = sum(demand.pages for _, demand in asking), sum(have.values())
    last, own = asking[-1]
    several = len({vm.name for vm, _ in asking}) > 1
    who = last.name if not several else f"the VMs of {host.name}" if where is None else "the VMs that are bound to it"
    whose = host.name if where is None else f"node {where} of {host.name}"
    key = next((k for n in host.spec.numa if int(n.label) in have for k in n.hugepages if page_size(k) == size), None)
    node = next(iter(have), 0)
    pool: Path = ("numa", str(node), "hugepages", key) if key is not None and key in nodes(host)[node].hugepages else ("numa", str(node))
    return Finding(
        own.bound,
        f"{who} want{'' if several else 's'} {want} pages of {show_quantity(Size(size))}, and {whose} reserves {room}",
        others=(
            (host, pool, f"{have.get(node, 0)} reserved here"),
            *((vm, demand.bound, f"{demand.pages} pages") for vm, demand in asking[:5] if (vm, demand) != (last, own)),
        ),
        help="reserve more there, bind fewer guests to it, or spread one over cells" if where is not None else None,
        of=last,
    )

"""VMs that are each to be started after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet
from vmspec.lower.startorder import names_of, orders


@rule(6014, "start-after-ring", phase=Phase.FLEET)
def start_after_ring(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A VM is to be started or restarted after itself, or after one that waits for it.
    Why: There is no order in which `vmc deploy` could start or restart them.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; start-after = [vm(b)] }
        vm b { memory.size = 1GiB; cpu.count = 1; start-after = [vm(a)] }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; start-after = [vm(b)] }
        vm b { memory.size = 1GiB; cpu.count = 1 }
    """
    named = {vm.name: list(orders(vm.spec)) for vm in fleet.vms}
    after = {name: tuple(each for _, value in said for each in names_of(value)) for name, said in named.items()}
    told: set[str] = set()
    for vm in fleet.vms:
        ring = _ring(vm.name, after)
        if ring and vm.name not in told:
            told |= set(ring)
            path = next((path for path, value in named[vm.name] if ring[-1] == vm.name or ring[1] in names_of(value)), ("start-after",))
            yield Finding(path, f"{vm.name} would wait for itself: {' after '.join((*ring, ring[0]))}", of=vm)


def _ring(name: str, after: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest way from a VM back to itself."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    for way in ways:
        for each in after.get(way[-1], ()):
            if each == name:
                return way
            if each not in seen:
                seen.add(each)
                ways.append((*way, each))
    return ()

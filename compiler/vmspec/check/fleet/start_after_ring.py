"""VMs that are each to be started after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.build.fleet import Fleet
from vmspec.build.startorder import names_of
from vmspec.check.rule import Finding, Phase, rule


@rule(6014, "start-after-ring", phase=Phase.FLEET)
def start_after_ring(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A VM is to be started after itself, or after one that waits for it.
    Why: There is no order in which `vmc deploy` could start them.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; start-after = [vm(b)] }
        vm b { memory.size = 1GiB; cpu.count = 1; start-after = [vm(a)] }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; start-after = [vm(b)] }
        vm b { memory.size = 1GiB; cpu.count = 1 }
    """
    after = {vm.name: names_of(vm.spec.start_after) for vm in fleet.vms}
    told: set[str] = set()
    for vm in fleet.vms:
        ring = _ring(vm.name, after)
        if ring and vm.name not in told:
            told |= set(ring)
            yield Finding(("start-after",), f"{vm.name} would wait for itself: {' after '.join((*ring, ring[0]))}", of=vm)


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

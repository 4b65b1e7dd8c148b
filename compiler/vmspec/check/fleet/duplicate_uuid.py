"""Two guests of one identity."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm


@rule(6003, "duplicate-uuid", phase=Phase.FLEET)
def duplicate_uuid(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs have the same UUID.
    Why: libvirt takes the second for the first under another name and refuses it at define (virDomainObjListAdd,
    src/conf/virdomainobjlist.c 9.0.0).
    Example:
        vm a { uuid = 11111111-2222-4333-8444-555555555555; memory.size = 1GiB; cpu.count = 1 }
        vm b { uuid = 11111111-2222-4333-8444-555555555555; memory.size = 1GiB; cpu.count = 1 }
    Instead:
        vm a { uuid = 11111111-2222-4333-8444-555555555555; memory.size = 1GiB; cpu.count = 1 }
        vm b { uuid = 11111111-2222-4333-8444-666666666666; memory.size = 1GiB; cpu.count = 1 }
    """
    seen: dict[str, Vm] = {}
    for vm in fleet.vms:
        if vm.spec.uuid:
            first = seen.setdefault(str(vm.spec.uuid), vm)
            if first is not vm:
                yield Finding(("uuid",), f"{first.name} and {vm.name} have one UUID", others=((first, ("uuid",), "the first"),), of=vm)

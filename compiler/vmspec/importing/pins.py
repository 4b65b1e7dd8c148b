"""Pins of an imported definition as `cpu.pin`, where that says all of them."""

from __future__ import annotations

from vmspec.model.block import content
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet, Pins


def folded(domain: Domain) -> Domain:
    """With `cpu.pin = [2, 10]` in the place of a `vcpu N { pin }` for each vCPU, if they say nothing else and stand in their order.

    A list, and never a cpuset: it means the same with and without threads in the topology.
    """
    cpu = domain.cpu
    count = (cpu.max or cpu.count or 1) if cpu is not None else 1
    alone = all(set(content(vcpu)) == {"label", "pin"} for vcpu in domain.vcpu)
    ordered = [vcpu.label for vcpu in domain.vcpu] == [str(n) for n in range(count)]
    if cpu is None or count < 2 or not alone or not ordered:
        return domain
    return domain.but(cpu=cpu.but(pin=Pins.each(vcpu.pin or CpuSet() for vcpu in domain.vcpu)), vcpu=())

"""Two vCPUs at one place in the order."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4160, "duplicate-order", phase=Phase.START)
def duplicate_order(vm: Domain) -> Iterator[Finding]:
    """
    What: Two vCPUs have the same `order`.
    Why: libvirt 9.0.0 accepts it and fails to start ("duplicate vcpu order", qemuProcessValidateHotpluggableVcpus,
    src/qemu/qemu_process.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: unsupported configuration: duplicate vcpu order '2'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu { count = 3 }
          vcpu 0 { online = true; order = 1 }
          vcpu 1 { online = true; order = 2; hotpluggable = true }
          vcpu 2 { online = true; order = 2; hotpluggable = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 3 }
          vcpu 0 { online = true; order = 1 }
          vcpu 1 { online = true; order = 2; hotpluggable = true }
          vcpu 2 { online = true; order = 3; hotpluggable = true }
        }
    """
    seen: dict[int, str] = {}
    for vcpu in vm.vcpu:
        if vcpu.order is None:
            continue
        first = seen.setdefault(vcpu.order, vcpu.label)
        if first != vcpu.label:
            yield Finding(
                ("vcpu", vcpu.label, "order"),
                f"vCPUs {first} and {vcpu.label} both have order {vcpu.order}",
                labels=((("vcpu", first, "order"), "the first"),),
            )

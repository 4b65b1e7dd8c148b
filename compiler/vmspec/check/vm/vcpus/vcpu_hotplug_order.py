"""Fixed vCPUs after hotpluggable ones."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4159, "vcpu-hotplug-order", phase=Phase.DEFINE)
def vcpu_hotplug_order(vm: Domain) -> Iterator[Finding]:
    """
    What: A fixed vCPU (`hotpluggable = false`) comes after one that is not or has a lower order, or only some online vCPUs have an order.
    Why: QEMU makes the fixed ones first; libvirt 9.0.0 refuses other orders at define (qemuDomainDefVcpusPostParse,
    src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: online non-hotpluggable vcpus need to be ordered prior
    to hotplugable vcpus.
    Example:
        vm a {
          memory.size = 1GiB
          cpu { count = 3 }
          vcpu 0 { online = true; hotpluggable = false }
          vcpu 1 { online = true; hotpluggable = true }
          vcpu 2 { online = true; hotpluggable = false }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 3 }
          vcpu 0 { online = true; hotpluggable = false }
          vcpu 1 { online = true; hotpluggable = false }
          vcpu 2 { online = true; hotpluggable = true }
        }
    """
    last = {int(v.label): v for v in vm.vcpu if v.label.isdigit() and v.online is not None}
    states = [last[number] for number in sorted(last)]
    if not states:
        return
    online = [v for v in states if v.online]
    ordered = [v for v in online if v.order is not None]
    if ordered and len(ordered) < len(online):
        missing = next(v for v in online if v.order is None)
        yield Finding(
            ("vcpu", missing.label),
            f"vCPU {missing.label} has no order, and others have",
            labels=((("vcpu", ordered[0].label, "order"), "this one has"),),
        )
    for number, after in last.items():
        before = last.get(number - 1)
        if after.hotpluggable is not False or before is None:
            continue
        if before.hotpluggable:
            yield Finding(
                ("vcpu", after.label),
                f"fixed vCPU {after.label} comes after hotpluggable vCPU {before.label}",
                labels=((("vcpu", before.label), "hotpluggable"),),
            )
        elif (before.order or 0) > (after.order or 0):
            yield Finding(("vcpu", after.label), f"fixed vCPU {after.label} is ordered before vCPU {before.label}")

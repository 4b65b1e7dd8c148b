"""vCPUs that come and go."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import current_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_pseries


@rule(4157, "vcpu-zero", phase=Phase.DEFINE, needs="vcpu")
def vcpu_zero(vm: Domain) -> Iterator[Finding]:
    """
    What: vCPU 0 is offline, hotpluggable, or not the first in order.
    Why: The guest boots on it; libvirt 9.0.0 refuses it at define (qemuDomainDefVcpusPostParse, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: vcpu 0 can't be offline.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { online = false; hotpluggable = true }; vcpu 1 { online = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { online = true; hotpluggable = false }; vcpu 1 { online = true } }
    """
    for vcpu in vm.vcpu:
        if vcpu.label != "0":
            continue
        if vcpu.online is False:
            yield Finding(("vcpu", "0", "online"), "vCPU 0 cannot be offline", instead="true")
        elif vcpu.hotpluggable:
            yield Finding(("vcpu", "0", "hotpluggable"), "vCPU 0 cannot be hotpluggable", instead="false")
        elif vcpu.order not in (None, 1):
            yield Finding(("vcpu", "0", "order"), "vCPU 0 is the first in order", instead="1")


@rule(4158, "vcpu-offline-fixed", phase=Phase.DEFINE, needs="vcpu")
def vcpu_offline_fixed(vm: Domain) -> Iterator[Finding]:
    """
    What: A vCPU is offline and not hotpluggable.
    Why: It could never come; libvirt 9.0.0 refuses it at define (virDomainVcpuDefPostParse, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: vcpu '1' is both offline and not hotpluggable.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { online = true }; vcpu 1 { online = false; hotpluggable = false } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { online = true }; vcpu 1 { online = false; hotpluggable = true } }
    """
    for vcpu in vm.vcpu:
        if vcpu.online is False and vcpu.hotpluggable is False:
            yield Finding(("vcpu", vcpu.label, "hotpluggable"), f"vCPU {vcpu.label} is offline and cannot be plugged", instead="true")


@rule(4159, "vcpu-hotplug-order", phase=Phase.DEFINE, needs="vcpu")
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


@rule(4160, "duplicate-order", phase=Phase.START, needs="vcpu")
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


@rule(4176, "hotplug-granularity", phase=Phase.DEFINE, needs="cpu.topology")
def hotplug_granularity(vm: Domain) -> Iterator[Finding]:
    """
    What: The vCPUs of a pSeries guest are no multiple of the threads of a core.
    Why: POWER plugs whole cores; libvirt 9.0.0 refuses others at define (qemuValidateDomainVCpuTopology, src/qemu/qemu_validate.c).
    Example:
        vm a {
          resolve = false; arch = ppc64; machine = pseries; memory.size = 1GiB
          cpu { count = 10; max = 16; topology { sockets = 1; cores = 4; threads = 4 } }
        }
    Instead:
        vm a {
          resolve = false; arch = ppc64; machine = pseries; memory.size = 1GiB
          cpu { count = 8; max = 16; topology { sockets = 1; cores = 4; threads = 4 } }
        }
    """
    shape = vm.cpu.topology if vm.cpu is not None else None
    if shape is None or not is_pseries(vm) or not shape.sockets:
        return
    threads = shape.threads or 1
    if current_vcpus(vm) % threads:
        yield Finding(
            ("cpu", "count"),
            f"{current_vcpus(vm)} vCPUs are no whole number of cores with {threads} threads",
            labels=((("cpu", "topology", "threads"), "threads"),),
        )

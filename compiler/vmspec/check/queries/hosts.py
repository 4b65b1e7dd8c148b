"""A host as placement sees it: its CPUs and nodes, and what its guests take of them."""

from __future__ import annotations

import re

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path, StepKind
from vmspec.check.queries.cpus import pins
from vmspec.lower.fleet import HostObject
from vmspec.model.cpu_map import vendor_of
from vmspec.model.domain import Domain
from vmspec.model.host import HostNode
from vmspec.model.value import CpuSet, Value


def host_cpus(host: HostObject) -> CpuSet:
    """All CPUs that the host says it has; empty where it says nothing."""
    found = CpuSet()
    for node in host.spec.numa:
        found = found | (node.cpus or CpuSet())
    return found


def nodes(host: HostObject) -> dict[int, HostNode]:
    return {int(n.label): n for n in host.spec.numa if n.label.isdigit()}


def nodes_of(host: HostObject, cpus: CpuSet) -> CpuSet:
    """The nodes that these CPUs are on."""
    return CpuSet.of(number for number, node in nodes(host).items() if node.cpus and node.cpus & cpus)


def is_dedicated(vm: Domain) -> bool:
    """Whether the VM counts on its pinned CPUs being its own."""
    kvm = vm.features.kvm if vm.features is not None else None
    return bool(
        (vm.cpu is not None and (vm.cpu.isolate or vm.cpu.thread_policy))
        or (kvm is not None and kvm.hint_dedicated)
        or any(v.scheduler in ("fifo", "rr") for v in vm.vcpu)
    )


def is_strict(vm: Domain) -> bool:
    """Whether a CPU that is not the guest's alone is an error rather than a warning: `cpu.isolate`, which the low-latency profiles set."""
    return vm.cpu is not None and bool(vm.cpu.isolate)


def severity(*vms: Domain) -> Severity:
    return Severity.ERROR if any(map(is_strict, vms)) else Severity.WARNING


def vendor(host: HostObject) -> str | None:
    """Who made its processors, by its `vendor` or its `cpu-model`."""
    if host.spec.vendor is not None:
        return str(host.spec.vendor)
    return vendor_of(host.spec.cpu_model) if host.spec.cpu_model is not None else None


def smt_off(host: HostObject) -> Path | None:
    """Where the host turns simultaneous multithreading off; None where it does not."""
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    if host.spec.smt is False:
        return ("smt",)
    return ("kernel", "args", "nosmt") if args.get("nosmt") in (True, "force") else None


def second_threads(host: HostObject) -> CpuSet:
    """Of each core all CPUs but the first: those that go offline without SMT (cpu_smt_disable, kernel/cpu.c of Linux 6.1)."""
    found = CpuSet()
    for group in host.spec.siblings or ():
        found |= group - CpuSet(1 << next(iter(group)))
    return found


def pinned_cpus(vm: Domain) -> CpuSet:
    """The CPUs that single vCPUs are pinned to."""
    return CpuSet.of(cpu for cpus in pins(vm).values() if len(cpus) == 1 for cpu in cpus)


def isolated(host: HostObject) -> CpuSet:
    """The CPUs that the kernel's scheduler leaves alone, of `kernel.args.isolcpus`."""
    return argument_cpus(host.spec.kernel.args.get("isolcpus") if host.spec.kernel is not None else None)


def argument_cpus(value: Value | None) -> CpuSet:
    """The CPUs that a kernel argument names, among flags or not; empty where it is not there, or says `all` or the like."""
    if isinstance(value, CpuSet):
        return value
    parts = value if isinstance(value, tuple) else str(value).split(",") if value is not None else ()
    found = CpuSet()
    for part in parts:
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", str(part))
        if isinstance(part, CpuSet):
            found = found | part
        elif match:
            found = found | CpuSet.span(int(match[1]), int(match[2] or match[1]))
    return found


def poll_cpus(host: HostObject) -> CpuSet:
    """The CPUs of the poll threads of its switch."""
    return host.spec.switch.cpus or CpuSet() if host.spec.switch is not None else CpuSet()


def is_derived(host: HostObject, path: Path) -> bool:
    """Whether a value follows from the guests, and is not the host's own word."""
    trail = host.trails.get(path, ())
    return bool(trail) and trail[-1].kind is StepKind.DERIVED

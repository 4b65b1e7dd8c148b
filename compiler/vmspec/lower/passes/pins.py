"""Expands pins: `cpu.pin` and `vcpu N { pin }` are one setting, and become the latter.

It runs on VMs with `resolve = false` too: a pin that somebody has written is no default.
"""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Diagnostic, Label, Severity
from vmspec.base.provenance import Path, Provenance
from vmspec.lower import codes
from vmspec.lower.cores import ascending, by_cores, siblings, threads
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived, labelled
from vmspec.lower.passes.strength import rank
from vmspec.lower.passes.vcpus import COUNT, most
from vmspec.model.cpu import Cpu
from vmspec.model.host import Host
from vmspec.model.show import show
from vmspec.model.threads import Vcpu
from vmspec.model.value import CpuSet, Pins

PIN: Path = ("cpu", "pin")
THREADS: Path = ("cpu", "topology", "threads")
ASCENDING = "vCPU i on the i-th CPU of cpu.pin"
LISTED = "vCPU i on the i-th item of cpu.pin"
DEALT = "the CPUs of cpu.pin, so that threads of a core in the guest are threads of a core of the host"


def expand(vm: Vm, context: Context) -> PassResult:
    cpu = vm.spec.cpu
    if cpu is None or cpu.pin is None:
        return NOTHING
    vcpus = {int(vcpu.label): vcpu for vcpu in vm.spec.vcpu if vcpu.label.isdigit()}
    open_ = _open(vm, cpu, cpu.pin, vcpus)
    if open_ is None:
        return PassResult(diagnostics=(_wrong_number(vm, cpu, cpu.pin, vcpus),))
    placed, why = _placed(cpu, cpu.pin, open_, vcpus, context.host, vm)
    trails: dict[Path, Provenance] = {}
    found = list(_unknown(vm, cpu, cpu.pin, context.host))
    for number, one in placed.items():
        label, vcpu = str(number), vcpus.get(number)
        path = ("vcpu", label, "pin")
        if vcpu is not None and vcpu.pin is not None and vcpu.pin != one:
            ours, theirs = rank(vm, PIN), rank(vm, path)
            if ours == theirs:
                found.append(_disagreement(vm, number, one, vcpu.pin))
            if theirs >= ours:
                continue
        vcpus[number] = (vcpu or labelled(Vcpu, label)).but(pin=one)
        trails[path] = derived(vm, why, PIN, *((THREADS,) if why == DEALT else ()))
    return PassResult({"vcpu": tuple(vcpus[n] for n in sorted(vcpus))}, trails, tuple(found))


def _count(pin: CpuSet) -> int:
    return len(pin.order) if isinstance(pin, Pins) else len(pin)


def _open(vm: Vm, cpu: Cpu, pin: CpuSet, vcpus: dict[int, Vcpu]) -> list[int] | None:
    """The vCPUs that cpu.pin is about: all, or where it has fewer, those that have no pin of their own. None: it fits neither."""
    every = list(range(most(cpu)))
    alone = [n for n in every if n not in vcpus or vcpus[n].pin is None]
    return next((some for some in (every, alone) if len(some) == _count(pin)), None)


def _placed(cpu: Cpu, pin: CpuSet, vcpus: list[int], known: dict[int, Vcpu], host: Host | None, vm: Vm) -> tuple[dict[int, CpuSet], str]:
    """The CPUs of each vCPU, and why."""
    if isinstance(pin, Pins):
        return dict(zip(vcpus, pin.order, strict=True)), LISTED
    groups, size = siblings(host), threads(cpu)
    dealt = None
    if groups and size > 1:
        held = {n: next(iter(v.pin)) for n, v in known.items() if n not in vcpus and v.pin}
        dealt = by_cores(pin, vcpus, size, groups, held, _near(vm, host))
    why = ASCENDING if dealt is None else DEALT
    return {n: CpuSet(1 << one) for n, one in (dealt or ascending(pin, vcpus)).items()}, why


def _near(vm: Vm, host: Host | None) -> dict[int, CpuSet]:
    """For each vCPU of a cell that is bound to nodes of the host, the CPUs there."""
    cells = vm.spec.numa.cell if vm.spec.numa is not None else ()
    nodes = {int(node.label): node.cpus or CpuSet() for node in host.numa if node.label.isdigit()} if host is not None else {}
    near: dict[int, CpuSet] = {}
    for cell in cells:
        there = CpuSet()
        for number in cell.nodeset or ():
            there |= nodes.get(number, CpuSet())
        near.update((vcpu, there) for vcpu in cell.cpus or () if there)
    return near


def _unknown(vm: Vm, cpu: Cpu, pin: CpuSet, host: Host | None) -> Iterator[Diagnostic]:
    if isinstance(pin, Pins) or threads(cpu) == 1 or siblings(host) is not None or len(pin) < 2:
        return
    reason = (
        "nothing tells which CPUs of its host share a core"
        if host is not None
        else "it is placed on no host that tells which CPUs share a core"
    )
    yield Diagnostic(
        codes.SIBLINGS_UNKNOWN,
        f'"{vm.name}" has {threads(cpu)} threads in a core, and {reason}: its vCPUs are dealt out in ascending order',
        vm.where(PIN),
        Severity.WARNING,
        labels=(Label(vm.where(THREADS), "threads of the guest"),),
        help="give the host its facts or `siblings`, or write the order: cpu.pin = [2, 10, 3, 11]",
    )


def _wrong_number(vm: Vm, cpu: Cpu, pin: CpuSet, vcpus: dict[int, Vcpu]) -> Diagnostic:
    own = sum(1 for n in range(most(cpu)) if n in vcpus and vcpus[n].pin is not None)
    what = "items" if isinstance(pin, Pins) else "CPUs"
    rest = f", {own} of them with a pin of their own" if own else ""
    where = ("cpu", "max") if cpu.max is not None else COUNT
    return Diagnostic(
        codes.PIN_COUNT,
        f'"{vm.name}" has {most(cpu)} vCPUs{rest}, and cpu.pin = {show(pin)} has {_count(pin)} {what}: each vCPU takes one',
        vm.where(PIN),
        labels=(Label(vm.where(where), f"{most(cpu)} vCPUs"),),
    )


def _disagreement(vm: Vm, number: int, one: CpuSet, own: CpuSet) -> Diagnostic:
    return Diagnostic(
        codes.PIN_DISAGREES,
        f'"{vm.name}" pins vCPU {number} to {one} by cpu.pin and to {own} by vcpu {number}, and neither is the stronger',
        vm.where(("vcpu", str(number), "pin")),
        labels=(Label(vm.where(PIN), f"vCPU {number} on CPU {one}"),),
    )

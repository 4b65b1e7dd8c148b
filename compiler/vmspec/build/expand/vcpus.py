"""vCPUs: `cpu.pin` and `vcpu N { pin }` are one setting."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Diagnostic, Label
from vmspec.base.provenance import Path, Trail
from vmspec.build import codes
from vmspec.build.expand.change import NOTHING, Change, Context, derived, labelled
from vmspec.build.expand.remember import reading
from vmspec.build.expand.strength import rank
from vmspec.build.fleet import Vm
from vmspec.model.cpu import Cpu
from vmspec.model.threads import Vcpu
from vmspec.model.value import CpuSet, Symbol

PIN: Path = ("cpu", "pin")
COUNT: Path = ("cpu", "count")
PINNED = "vCPU i on the i-th CPU of cpu.pin"
STATIC = "CPU affinity is what is written"


@reading("cpu", "vcpu", strengths=True)
def expand(vm: Vm, context: Context) -> Change:
    cpu = vm.spec.cpu
    if cpu is None:
        return NOTHING
    features: dict[str, object] = {}
    trails: dict[Path, Trail] = {}
    found = list(_absent(vm, cpu))
    vcpus = {vcpu.label: vcpu for vcpu in vm.spec.vcpu}
    if cpu.pin is not None:
        found += _pin(vm, cpu, cpu.pin, vcpus, trails)
    plain = tuple(vcpus[n] for n in sorted(vcpus, key=int))
    if plain != vm.spec.vcpu:
        features["vcpu"] = plain
    counted = cpu.count is not None or cpu.max is not None
    if not counted and (cpu.cpuset is not None or cpu.placement is not None):
        found.append(_uncounted(vm, ("cpu", "cpuset" if cpu.cpuset is not None else "placement")))
    if counted and cpu.placement is None:
        features["cpu"] = cpu.but(placement=Symbol("static"))
        trails["cpu", "placement"] = derived(vm, STATIC, COUNT)
    return Change(features, trails, tuple(found))


def _uncounted(vm: Vm, path: Path) -> Diagnostic:
    message = f"{vm.name} sets {'.'.join(path)}, and nothing says how many vCPUs it has"
    return Diagnostic(codes.UNCOUNTED, message, vm.where(path), help="set cpu.count")


def most(cpu: Cpu) -> int:
    """The number of vCPUs that the guest can have; libvirt takes 1 where nothing is said."""
    return cpu.max or cpu.count or 1


def _absent(vm: Vm, cpu: Cpu) -> Iterator[Diagnostic]:
    for vcpu in vm.spec.vcpu:
        if int(vcpu.label) >= most(cpu):
            path = ("vcpu", vcpu.label)
            message = f'"{vm.name}" has {most(cpu)} vCPUs, 0 to {most(cpu) - 1}, and no vCPU {vcpu.label}'
            yield Diagnostic(codes.NO_VCPU, message, vm.where(path), labels=(Label(vm.where(COUNT), "their number"),))


def _pin(vm: Vm, cpu: Cpu, pin: CpuSet, vcpus: dict[str, Vcpu], trails: dict[Path, Trail]) -> Iterator[Diagnostic]:
    if len(pin) != most(cpu):
        message = f'"{vm.name}" has {most(cpu)} vCPUs, and cpu.pin = {pin} has {len(pin)} CPUs: each vCPU takes one'
        where = ("cpu", "max") if cpu.max is not None else COUNT
        yield Diagnostic(codes.PIN_COUNT, message, vm.where(PIN), labels=(Label(vm.where(where), f"{most(cpu)} vCPUs"),))
        return
    for n, host_cpu in enumerate(pin):
        label, one = str(n), CpuSet(1 << host_cpu)
        vcpu, path = vcpus.get(label), ("vcpu", label, "pin")
        if vcpu is not None and vcpu.pin is not None and vcpu.pin != one:
            ours, theirs = rank(vm, PIN), rank(vm, path)
            if ours == theirs:
                message = f'"{vm.name}" pins vCPU {n} to {one} by cpu.pin and to {vcpu.pin} by vcpu {n}, and neither is the stronger'
                yield Diagnostic(
                    codes.PIN_DISAGREES, message, vm.where(path), labels=(Label(vm.where(PIN), f"vCPU {n} on CPU {host_cpu}"),)
                )
            if theirs >= ours:
                continue
        vcpus[label] = (vcpu or labelled(Vcpu, label)).but(pin=one)
        trails[path] = derived(vm, PINNED, PIN)

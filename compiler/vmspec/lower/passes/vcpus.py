"""Sets the number of vCPUs and libvirt's defaults for them."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Diagnostic, Label
from vmspec.base.provenance import Path, Provenance
from vmspec.lower import codes
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.lower.passes.memo import reading
from vmspec.model.cpu import Cpu
from vmspec.model.value import Symbol

COUNT: Path = ("cpu", "count")
STATIC = "CPU affinity is what is written"


@reading("cpu", "vcpu")
def expand(vm: Vm, context: Context) -> PassResult:
    cpu = vm.spec.cpu
    if cpu is None:
        return NOTHING
    features: dict[str, object] = {}
    trails: dict[Path, Provenance] = {}
    found = list(_absent(vm, cpu))
    plain = tuple(sorted(vm.spec.vcpu, key=lambda vcpu: int(vcpu.label)))
    if plain != vm.spec.vcpu:
        features["vcpu"] = plain
    counted = cpu.count is not None or cpu.max is not None
    if not counted and (cpu.cpuset is not None or cpu.placement is not None):
        found.append(_uncounted(vm, ("cpu", "cpuset" if cpu.cpuset is not None else "placement")))
    if counted and cpu.placement is None:
        features["cpu"] = cpu.but(placement=Symbol("static"))
        trails["cpu", "placement"] = derived(vm, STATIC, COUNT)
    return PassResult(features, trails, tuple(found))


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

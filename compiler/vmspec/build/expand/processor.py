"""The CPU model: what libvirt fills in where the source is silent, written out.

Source: libvirt 9.0.0 src/qemu/qemu_domain.c (qemuDomainDefSetDefaultCPU, qemuDomainDefCPUPostParse), seen by define and dumpxml.
"""

from __future__ import annotations

from vmspec.base.provenance import Path, Trail
from vmspec.build.expand.change import NOTHING, Change, Context, derived
from vmspec.build.expand.defaults import X86
from vmspec.build.expand.remember import reading
from vmspec.build.fleet import Vm
from vmspec.model.cpu import Cpu
from vmspec.model.value import Symbol

WHY = "what libvirt would add, written out"
NO_MODEL = "without a CPU mode the guest gets QEMU's plain 64-bit CPU, as from libvirt"


@reading("cpu", "arch", "type")
def expand(vm: Vm, context: Context) -> Change:
    cpu = vm.spec.cpu
    if cpu is None or vm.spec.arch not in (None, *X86) or vm.spec.type not in ("kvm", "qemu"):
        return NOTHING
    silent = cpu.mode is None and cpu.model is None
    wanted = _silent(cpu) if silent else _said(vm, cpu)
    missing = {
        name: Symbol(str(value)) if isinstance(value, str) else value for name, value in wanted.items() if vars(cpu).get(name) is None
    }
    trails: dict[Path, Trail] = {
        ("cpu", n.replace("_", "-")): derived(vm, NO_MODEL if silent else WHY, ("cpu", "mode"), ("cpu",)) for n in missing
    }
    if cpu.topology is not None and cpu.topology.dies is None:
        missing["topology"] = cpu.topology.but(dies=1)
        trails["cpu", "topology", "dies"] = derived(vm, WHY, ("cpu", "topology"))
    return Change({"cpu": cpu.but(**missing)}, trails) if missing else NOTHING


def _silent(cpu: Cpu) -> dict[str, object]:
    return {"mode": "custom", "match": "exact", "check": "none", "model": "qemu64", "fallback": "forbid"}


def _said(vm: Vm, cpu: Cpu) -> dict[str, object]:
    emulated = vm.spec.type == "qemu"
    match str(cpu.mode or "custom"):
        case "host-passthrough" | "maximum":
            return {"check": "none", "migratable": True}
        case "host-model":
            return {"check": "partial"}
        case _:
            return {"mode": "custom", "match": "exact", "check": "none" if emulated else "partial", "fallback": "forbid"}

"""Makes the CPU model that libvirt would fill in explicit.

Source: libvirt 9.0.0 src/qemu/qemu_domain.c (qemuDomainDefSetDefaultCPU, qemuDomainDefCPUPostParse), seen by define and dumpxml.
"""

from __future__ import annotations

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.lower.passes.memo import reading
from vmspec.model.cpu import Cpu
from vmspec.model.devices.hostdev import MdevHostdev, PciHostdev
from vmspec.model.machine import is_x86
from vmspec.model.value import Symbol

SMT = "AMD's guests see threads by this feature alone"
WHY = "what libvirt would add, written out"
NO_MODEL = "without a CPU mode the guest gets QEMU's plain 64-bit CPU, as from libvirt"


@reading("cpu", "arch", "type", "hostdev", "interface", "migration")
def expand(vm: Vm, context: Context) -> PassResult:
    cpu = vm.spec.cpu
    if cpu is None or not is_x86(vm.spec) or vm.spec.type not in ("kvm", "qemu"):
        return NOTHING
    silent = cpu.mode is None and cpu.model is None
    wanted = _silent(cpu) if silent else _said(vm, cpu)
    missing = {
        name: Symbol(str(value)) if isinstance(value, str) else value for name, value in wanted.items() if vars(cpu).get(name) is None
    }
    trails: dict[Path, Provenance] = {
        ("cpu", n.replace("_", "-")): derived(vm, NO_MODEL if silent else WHY, ("cpu", "mode"), ("cpu",)) for n in missing
    }
    if cpu.topology is not None and cpu.topology.dies is None:
        missing["topology"] = cpu.topology.but(dies=1)
        trails["cpu", "topology", "dies"] = derived(vm, WHY, ("cpu", "topology"))
    return PassResult({"cpu": cpu.but(**missing)}, trails) if missing else NOTHING


def stays(vm: Vm) -> bool:
    """Whether the guest can never move: then nothing is gained by `migratable`, which hides invtsc from it (qemu 7.2.0
    target/i386/cpu.c, unmigratable_flags). A host's device holds it, unless it is the transient half of a bond of the guest
    (libvirt 9.0.0 src/qemu/qemu_migration.c, qemuMigrationSrcIsAllowedHostdev)."""
    if vm.spec.migration is not None and vm.spec.migration.allowed:
        return False
    held = any(d.teaming is None for d in vm.spec.hostdev if isinstance(d.source, (PciHostdev, MdevHostdev)))
    return held or any(c.teaming is None for c in vm.spec.interface if c.source is not None and c.source.tag == "hostdev")


def topoext(vm: Vm, context: Context) -> PassResult:
    """AMD's CPUs tell a guest of threads by `topoext`, which QEMU does not switch on by itself for the host's own model (qemu 7.2.0
    target/i386/cpu.c, no_autoenable_flags of FEAT_8000_0001_ECX): without it the guest sees cores."""
    cpu = vm.spec.cpu
    if cpu is None or cpu.topology is None or (cpu.topology.threads or 1) < 2 or not is_x86(vm.spec):
        return NOTHING
    maker = str(context.host.vendor) if context.host is not None and context.host.vendor is not None else str(cpu.vendor or "").lower()
    if str(cpu.mode) not in ("host-passthrough", "maximum") or maker != "amd" or "topoext" in (cpu.features or {}):
        return NOTHING
    features = {**(cpu.features or {}), "topoext": Symbol("require")}
    trails: dict[Path, Provenance] = {("cpu", "features", "topoext"): derived(vm, SMT, ("cpu", "topology", "threads"), ("cpu", "topology"))}
    return PassResult({"cpu": cpu.but(features=features)}, trails)


def _silent(cpu: Cpu) -> dict[str, object]:
    return {"mode": "custom", "match": "exact", "check": "none", "model": "qemu64", "fallback": "forbid"}


def _said(vm: Vm, cpu: Cpu) -> dict[str, object]:
    emulated = vm.spec.type == "qemu"
    match str(cpu.mode or "custom"):
        case "host-passthrough" | "maximum":
            return {"check": "none", "migratable": not stays(vm)}
        case "host-model":
            return {"check": "partial"}
        case _:
            return {"mode": "custom", "match": "exact", "check": "none" if emulated else "partial", "fallback": "forbid"}

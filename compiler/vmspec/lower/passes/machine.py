"""Sets the machine type to a versioned name: an alias means another machine after the next upgrade of QEMU.

Source: libvirt 9.0.0 src/qemu/qemu_domain.c (qemuCanonicalizeMachine): define replaces `q35` by the newest of the QEMU at hand.
"""

from __future__ import annotations

import re

from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.base.provenance import Path, Provenance
from vmspec.lower import codes
from vmspec.lower.fleet import Vm
from vmspec.lower.layout.v1 import Family
from vmspec.lower.lock import VmLock
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.model.host import Host
from vmspec.model.machine import ALIAS_OF_ARCH, FULL, RED_HAT, alias_of, arch, is_x86, red_hat
from vmspec.model.value import Symbol

NEWEST = "7.2"
"""Where neither lock nor host says: the QEMU of Debian 12. A constant, never the QEMU at hand."""
UNVERSIONED_ARCH = ("riscv64",)
"""QEMU 7.2 has no versions of riscv's `virt`."""
ONLY = "the one machine of its architecture that is made for guests; it has no versions"


def expand(vm: Vm, context: Context) -> PassResult:
    written = str(vm.spec.machine) if vm.spec.machine is not None else None
    if written is not None and written not in FULL:
        return PassResult(lock={"machine": written})
    alias = written or ("pc" if _needs_ide(vm) else ALIAS_OF_ARCH.get(arch(vm.spec)))
    if alias is None:
        return NOTHING
    if arch(vm.spec) in UNVERSIONED_ARCH:
        return NOTHING if written is not None else PassResult({"machine": Symbol(alias)}, {("machine",): derived(vm, ONLY, ("arch",))})
    fresh, origin, why = _fresh(alias, context.host)
    locked = context.lock.machine
    if locked is not None and alias_of(locked) == alias and locked != fresh:
        fresh, origin, why = locked, "lock", "the machine type that the guest was first built with"
    trails: dict[Path, Provenance] = {("machine",): (*vm.trails.get(("machine",), ()), *derived(vm, why, ("machine",), origin=origin))}
    return PassResult({"machine": Symbol(fresh)}, trails, lock={"machine": fresh})


def _needs_ide(vm: Vm) -> bool:
    """Disks on IDE, or called hda: q35 has no such controller (src/qemu/qemu_domain.c 9.0.0, qemuDomainMachineHasBuiltinIDE)."""
    ide = any(disk.bus == "ide" or (disk.bus is None and (disk.target or disk.label).startswith("hd")) for disk in vm.spec.disk)
    return is_x86(vm.spec) and (ide or any(each.type == "ide" for each in vm.spec.controller))


def _fresh(alias: str, host: Host | None) -> tuple[str, str, str]:
    version = re.match(r"([0-9]+)\.([0-9]+)", host.qemu) if host is not None and host.qemu is not None else None
    if host is not None and host.os in RED_HAT and alias in ("pc", "q35", "virt", "s390-ccw-virtio"):
        qemu = (int(version[1]), int(version[2])) if version is not None else tuple(int(n) for n in NEWEST.split("."))
        return red_hat(alias, qemu), "model", f"Red Hat's QEMU has machine types of its own; the newest that its {qemu[0]}.{qemu[1]} has"
    if version is not None:
        return FULL[alias].format(version[0]), "model", f"the newest of QEMU {version[0]}, which the host has"
    return FULL[alias].format(NEWEST), "model", "the model's constant, where neither the lock nor the host says a version"


def laid_out_anew(vm: Vm, lock: VmLock) -> Diagnostic | None:
    """What is to be said where the lock holds the places of another family's buses, which mean nothing on this machine."""
    now = str(vm.spec.machine) if vm.spec.machine is not None else ALIAS_OF_ARCH.get(arch(vm.spec))
    if lock.machine is None or now is None or _kind(lock.machine) == _kind(now):
        return None
    return Diagnostic(
        codes.LAID_OUT_ANEW,
        f'"{vm.name}" was built with {lock.machine}, and its machine is now {now}: every device gets a new place in the guest',
        vm.where(("machine",)) if vm.spec.machine is not None else vm.span,
        severity=Severity.WARNING,
        notes=(f'the entry of "{vm.name}" in vmspec.lock holds the places on {lock.machine}; UUID and MAC addresses stay',),
    )


def _kind(machine: str) -> str:
    return alias_of(machine) or re.sub(r"-(rhel)?[0-9][0-9.]*$", "", machine)


def family(vm: Vm) -> Family | None:
    """The machine family; None for one that layout 1 does not know."""
    return {"q35": Family.Q35, "pc": Family.I440FX, "virt": Family.VIRT}.get(alias_of(str(vm.spec.machine)) or "")

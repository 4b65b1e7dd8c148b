"""Sets the path of QEMU where the host's distribution is known; elsewhere libvirt chooses.

Sources: Debian's qemu-system-x86 (/usr/bin), Red Hat's qemu-kvm (/usr/libexec/qemu-kvm).
"""

from __future__ import annotations

from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.model.machine import RED_HAT, arch

BIN = ("debian", "ubuntu", "fedora", "suse", "opensuse", "arch")
WHY = "where the host's system has QEMU"


def expand(vm: Vm, context: Context) -> PassResult:
    system = str(context.host.os) if context.host is not None and context.host.os is not None else None
    if vm.spec.emulator_path is not None or vm.spec.type not in ("kvm", "qemu") or system is None:
        return NOTHING
    path = "/usr/libexec/qemu-kvm" if system in RED_HAT else f"/usr/bin/qemu-system-{arch(vm.spec)}" if system in BIN else None
    return PassResult({"emulator_path": path}, {("emulator-path",): derived(vm, WHY, ("place",))}) if path else NOTHING

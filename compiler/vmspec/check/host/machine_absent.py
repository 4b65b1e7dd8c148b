"""A machine type that the host's QEMU does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hosts import version
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.machine import RED_HAT, is_red_hat, version_of


@rule(5029, "machine-absent", phase=Phase.FLEET)
def machine_absent(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM's machine type is not one of its host's QEMU: it is newer than `host.qemu`, or Red Hat's where the host is no Red Hat
    system, or upstream's where it is one.
    Why: QEMU has the machine types of its own version and of older ones; libvirt refuses others at define ("Emulator … does not support
    machine type", virQEMUCapsIsMachineSupported, 9.0.0). Red Hat's qemu-kvm has only types such as pc-q35-rhel9.2.0.
    Example:
        host n1 { qemu = "6.2.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; machine = pc-q35-8.2 }
    Instead:
        host n1 { qemu = "8.2.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; machine = pc-q35-8.2 }
    """
    have, system = version(host.spec.qemu), host.spec.os
    for vm in vms:
        machine = str(vm.spec.machine or "")
        needs = version_of(machine)
        why = None
        if needs is not None and have and needs > have[:2]:
            why = f"{machine} came with QEMU {needs[0]}.{needs[1]}, and {host.name} has {host.spec.qemu}"
        elif needs is not None and system in RED_HAT:
            why = f"{host.name} is {system}, whose QEMU does not have {machine}"
        elif is_red_hat(machine) and system is not None and system not in RED_HAT:
            why = f"{machine} is a machine type of Red Hat's QEMU, and {host.name} is {system}"
        if why is not None:
            yield Finding(
                ("machine",),
                why,
                others=((host, ("qemu",) if host.spec.qemu is not None else ("os",), "the host"),),
                help="leave the version out (q35): the host's newest is taken and kept in the lock",
                of=vm,
            )

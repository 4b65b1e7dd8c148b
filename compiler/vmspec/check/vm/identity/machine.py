"""The machine type, and what is kept of an imported definition."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import WRITTEN, arch, is_known, is_qemu, version_of
from vmspec.model.written import differs


@rule(4905, "machine-unversioned", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def machine_unversioned(vm: Domain) -> Iterator[Finding]:
    """
    What: The machine type has no version.
    Why: libvirt resolves `q35` or `pc` to the newest version at define (virQEMUCapsGetCanonicalMachine, src/qemu/qemu_capabilities.c
    9.0.0): defined again on another host, the guest has other hardware.
    Example:
        vm a { resolve = false; machine = q35; memory.size = 1GiB; cpu.count = 1; features { acpi = true } }
    Instead:
        vm a { resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 1; features { acpi = true } }
    """
    if vm.machine in ("q35", "pc") and is_qemu(vm):
        yield Finding(("machine",), f"machine {vm.machine} is another one with each QEMU", help="name its version, such as pc-q35-7.2")


@rule(4911, "os-type", phase=Phase.DEFINE, needs="os_type")
def os_type(vm: Domain) -> Iterator[Finding]:
    """
    What: The type of operating system is another than `hvm`, and the guest runs under QEMU.
    Why: The others are of Xen's paravirtual guests and of containers; libvirt 9.0.0 refuses them with QEMU at define
    (virQEMUCapsIsMachineSupported and its neighbours, virDomainCapsDataLookup of src/conf/capabilities.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: Emulator '/usr/bin/qemu-system-x86_64' does not support os type 'linux'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; os-type = linux }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; os-type = hvm }
    """
    if vm.os_type not in (None, "hvm") and is_qemu(vm):
        yield Finding(("os-type",), f"QEMU runs no guest of os type {vm.os_type}", instead="hvm")


@rule(4906, "lifecycle", phase=Phase.DEFINE, needs="events")
def lifecycle(vm: Domain) -> Iterator[Finding]:
    """
    What: A core dump on poweroff or reboot, or actions that contradict one another: QEMU cannot preserve a guest, and poweroff restart
    needs reboot restart.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateLifecycleAction, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: qemu driver doesn't support the 'preserve' action for
    'on_reboot'/'on_poweroff'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; events { on-poweroff = preserve } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; events { on-poweroff = destroy } }
    """
    events = vm.events
    if events is None or not is_qemu(vm):
        return
    off, again, crash = events.on_poweroff or "destroy", events.on_reboot or "restart", events.on_crash or "destroy"
    if off == "preserve":
        yield Finding(("events", "on-poweroff"), "QEMU cannot preserve a guest that has powered off", instead="destroy")
    if again == "preserve":
        yield Finding(("events", "on-reboot"), "QEMU cannot preserve a guest that reboots", instead="restart")
    for name, action in (("on-poweroff", off), ("on-reboot", again), ("on-crash", crash)):
        if action == "rename-restart":
            yield Finding(("events", name), "QEMU cannot restart a guest under another name", instead="restart")
        elif action.startswith("coredump") and name != "on-crash":
            yield Finding(("events", name), f"{action} is for on-crash", instead="destroy")
    if off == "restart" and again == "destroy":
        yield Finding(
            ("events", "on-poweroff"),
            "a guest that restarts on poweroff and ends on reboot",
            labels=((("events", "on-reboot"), "ends on reboot"),),
        )


@rule(4229, "machine-unknown", phase=Phase.DEFINE, needs="machine")
def machine_unknown(vm: Domain) -> Iterator[Finding]:
    """
    What: The machine type is none of its architecture, or names a version of QEMU that does not exist.
    Why: Since QEMU 3 there are three releases a year, N.0 to N.2, and 3.0 and 3.1 in the first of them; before, 2.0 to 2.12. libvirt
    refuses a machine type that the QEMU at hand does not have at define (virQEMUCapsIsMachineSupported, 9.0.0).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; machine = pc-q35-7.4 }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; machine = pc-q35-7.2 }
    """
    machine = str(vm.machine or "")
    if not is_qemu(vm) or not machine:
        return
    if not is_known(machine, arch(vm)):
        names = WRITTEN.get(arch(vm))
        help_ = f"there are {names}, and those of distributions" if names else None
        yield Finding(("machine",), f"no QEMU has a machine {machine} of {arch(vm)}", help=help_)
        return
    version = version_of(machine)
    if version is None:
        return
    major, minor = version
    last = {0: 15, 1: 7, 2: 12, 3: 1}.get(major, 2)
    if minor > last:
        yield Finding(("machine",), f"there is no {machine}: the last QEMU {major} is {major}.{last}")


@rule(4907, "as-written", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="as_written")
def as_written(vm: Domain) -> Iterator[Finding]:
    """
    What: An entry of `as-written` has no effect: its value is another one by now, or is not there, or the VM is resolved.
    Why: `vmc import` keeps libvirt's own text of a value (`<memory>1048576</memory>` for 1GiB) in `as-written`, so that a VM with
    `resolve = false` emits what it was read from. A resolved VM is written in the compiler's own spelling, which libvirt reads as the same.
    Example:
        vm a { resolve = false; memory.size = 2GiB; cpu.count = 1; features { acpi = true }; as-written { memory.size = "1048576" } }
    Instead:
        vm a { resolve = false; memory.size = 1GiB; cpu.count = 1; features { acpi = true }; as-written { memory.size = "1048576" } }
    """
    if vm.as_written and vm.resolve is not False:
        yield Finding(("as-written",), "as-written counts while resolve = false, and this VM is resolved", help="take as-written away")
        return
    for key, text in vm.as_written.items():
        if differs(vm, key, text):
            yield Finding(("as-written", key), f"{text!r} is not what {key} is now, and is not written", help="take the entry away")

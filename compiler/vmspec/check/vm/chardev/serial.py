"""Serial ports and consoles."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.chardevs import isa_port_conflicts, serial_kind
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_arm_virt, is_pseries, is_qemu, is_riscv_virt, is_s390, is_x86


@rule(4806, "isa-ports", phase=Phase.DEFINE, needs="serial")
def isa_ports(vm: Domain) -> Iterator[Finding]:
    """
    What: More than four serial ports with `target = isa-serial`, one with a number above 3, or two at one number.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrIsaSerialDefPostParse, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: target port '0' already allocated.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          serial a { source = pty(); target = isa-serial; port = 0 }
          serial b { source = pty(); target = isa-serial; port = 0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          serial a { source = pty(); target = isa-serial; port = 0 }
          serial b { source = pty(); target = isa-serial; port = 1 }
        }
    """
    if is_x86(vm) and is_qemu(vm):
        yield from isa_port_conflicts([s for s in vm.serial if s.target == "isa-serial"])


_ADDRESS = {"isa-serial": "isa", "isa-debug": "isa", "usb-serial": "usb", "pci-serial": "pci", "system-serial": "", "sclp-serial": ""}
_TARGET = {
    "isa-serial": "isa-serial",
    "usb-serial": "usb-serial",
    "pci-serial": "pci-serial",
    "spapr-vty": "spapr-vio-serial",
    "pl011": "system-serial",
    "16550a": "system-serial",
    "sclpconsole": "sclp-serial",
    "sclplmconsole": "sclp-serial",
    "isa-debugcon": "isa-debug",
}


@rule(4807, "serial-target", phase=Phase.DEFINE, needs="serial")
def serial_target(vm: Domain) -> Iterator[Finding]:
    """
    What: A serial port's address, or its model, does not go with its target.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainChrTargetDef, src/qemu/qemu_validate.c). Without a target, or with isa-serial
    on a machine without ISA, a port is of the machine's own kind (qemuDomainChrDefPostParse, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Target type 'isa-serial' requires address type 'isa'.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          serial { source = pty(); target = isa-serial; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          serial { source = pty(); target = pci-serial; address = pci(0000:00:05.0) }
        }
    """
    for serial in vm.serial:
        here = ("serial", serial.label)
        said = serial_kind(vm, serial)
        kind = _ADDRESS.get(said) if said else None
        if serial.address is not None and kind is not None and serial.address.tag != kind:
            yield Finding(
                (*here, "address"), f"a serial port of target {said} has {f'an {kind}' if kind else 'no'} address, not {serial.address.tag}"
            )
        target = _TARGET.get(str(serial.model)) if serial.model else None
        if target and said and said != target:
            yield Finding((*here, "model"), f"model {serial.model} has target {target}, not {said}")


@rule(4808, "serial-machine", phase=Phase.DEFINE, needs="serial parallel")
def serial_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: A serial port's target or model belongs to another architecture.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainChrDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Serial device with target type 'spapr-vio-serial' and
    target model 'spapr-vty' not compatible with guest architecture or machine type.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; serial { source = pty(); target = spapr-vio-serial } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; serial { source = pty(); target = isa-serial } }
    """
    for serial in vm.serial:
        here = ("serial", serial.label, "target" if serial.target else "model")
        wrong = (
            ((serial.target == "spapr-vio-serial" or serial.model == "spapr-vty") and not is_pseries(vm))
            or ((serial.target == "sclp-serial" or serial.model in ("sclpconsole", "sclplmconsole")) and not is_s390(vm))
            or (serial.model == "pl011" and not is_arm_virt(vm))
            or (serial.model == "16550a" and not is_riscv_virt(vm))
            or (serial.target == "isa-debug" and not is_x86(vm))
        )
        if wrong and is_qemu(vm):
            yield Finding(here, f"{describe(vm)} has no serial port {serial.model or serial.target}")
    if vm.parallel and (is_s390(vm) or is_pseries(vm)):
        yield Finding(("parallel", vm.parallel[0].label), f"{describe(vm)} has no parallel port")


@rule(4812, "isa-ports-implied", phase=Phase.START, needs="serial")
def isa_ports_implied(vm: Domain) -> Iterator[Finding]:
    """
    What: More than four serial ports of a PC, one with a number above 3, or two at one number, some of them without a `target`.
    Why: libvirt 9.0.0 counts ISA ports (virDomainChrIsaSerialDefPostParse, src/conf/domain_postparse.c) before it makes those of every
    serial port of a PC that has no target (qemuDomainChrDefPostParse, src/qemu/qemu_domain.c): the definition is taken, and refused when
    the start reads it again.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it; start: internal error: Maximum supported number of ISA serial ports is '4'.
    Example:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 2
          features { acpi = true }
          serial a { source = pty(); port = 0 }
          serial b { source = pty(); port = 0 }
        }
    Instead:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 2
          features { acpi = true }
          serial a { source = pty(); port = 0 }
          serial b { source = pty(); port = 1 }
        }
    """
    if not is_x86(vm) or not is_qemu(vm):
        return
    said = [s for s in vm.serial if s.target == "isa-serial"]
    if not list(isa_port_conflicts(said)):
        yield from isa_port_conflicts([s for s in vm.serial if s.target in (None, "isa-serial")])


@rule(4814, "console-serial", phase=Phase.DEFINE, needs="console")
def console_serial(vm: Domain) -> Iterator[Finding]:
    """
    What: Another console than the first has target serial, or none.
    Why: A console without a target is another name of the first serial port, and only the first console may be one; libvirt 9.0.0 refuses
    others at define (virDomainDefAddConsoleCompat, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Only the first console can be a serial port.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; console a { source = pty() }; console b { source = pty() } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; console a { source = pty() }; console b { source = pty(); target = virtio } }
    """
    for console in vm.console[1:]:
        if console.target in (None, "serial"):
            yield Finding(("console", console.label), f"console {console.label} is not the first and is serial", help="set target = virtio")


_FOREIGN = ("xen", "lxc", "uml", "openvz")


@rule(4816, "console-machine", phase=Phase.DEFINE, needs="console")
def console_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: A console's target is one of Xen, LXC, UML or OpenVZ, or is sclp or sclplm on a machine that is not s390x.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefConsole, src/qemu/qemu_validate.c); QEMU has the SCLP consoles for s390x
    only (tests/qemucapabilitiesdata).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unsupported console target type xen.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; console { source = pty(); target = xen } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; console { source = pty(); target = virtio } }
    """
    if not is_qemu(vm):
        return
    for console in vm.console:
        if console.target in _FOREIGN or (console.target in ("sclp", "sclplm") and not is_s390(vm)):
            yield Finding(("console", console.label, "target"), f"{describe(vm)} has no console {console.target}")

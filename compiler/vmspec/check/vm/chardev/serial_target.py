"""A serial port with an address of another kind."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.chardevs import serial_kind
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain

_ADDRESS = {
    "isa-serial": "isa",
    "isa-debug": "isa",
    "usb-serial": "usb",
    "pci-serial": "pci",
    "system-serial": "",
    "sclp-serial": "",
}
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


@rule(4807, "serial-target", phase=Phase.DEFINE)
def serial_target(vm: Domain) -> Iterator[Finding]:
    """
    What: A serial port's address, or its model, does not go with its target.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainChrTargetDef, src/qemu/qemu_validate.c). Without a target, or with isa-serial
    on a machine without ISA, a port is of the machine's own kind (qemuDomainChrDefPostParse, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Target type 'isa-serial' requires address type 'isa'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          serial { source = pty(); target = isa-serial; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          serial { source = pty(); target = pci-serial; address = pci(0000:00:05.0) }
        }
    """
    for serial in vm.serial:
        here = ("serial", serial.label)
        said = serial_kind(vm, serial)
        kind = _ADDRESS.get(said) if said else None
        if serial.address is not None and kind is not None and serial.address.tag != kind:
            yield Finding(
                (*here, "address"),
                f"a serial port of target {said} has {f'an {kind}' if kind else 'no'} address, not {serial.address.tag}",
            )
        target = _TARGET.get(str(serial.model)) if serial.model else None
        if target and said and said != target:
            yield Finding((*here, "model"), f"model {serial.model} has target {target}, not {said}")

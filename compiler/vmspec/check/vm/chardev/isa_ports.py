"""More serial ports than a PC has."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.read.machine import is_qemu, is_x86
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4806, "isa-ports", phase=Phase.DEFINE)
def isa_ports(vm: Domain) -> Iterator[Finding]:
    """
    What: More than four ISA serial ports, or two at one number.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrIsaSerialDefPostParse, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: target port '0' already allocated.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial a { source = pty(); port = 0 }
          serial b { source = pty(); port = 0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial a { source = pty(); port = 0 }
          serial b { source = pty(); port = 1 }
        }
    """
    if not is_x86(vm) or not is_qemu(vm):
        return
    ports = [s for s in vm.serial if s.target in (None, "isa-serial")]
    seen: dict[str, str] = {}
    for serial in ports:
        if serial.port is not None and serial.target == "isa-serial":
            first = seen.setdefault(str(serial.port), serial.label)
            if first != serial.label:
                yield Finding(
                    ("serial", serial.label, "port"),
                    f"serial {first} is at port {serial.port} already",
                    labels=((("serial", first), "the first"),),
                )
    if len(ports) > 4:
        yield Finding(
            ("serial", ports[4].label), f"a PC has 4 serial ports, not {len(ports)}", help="use target = pci-serial or usb-serial for more"
        )

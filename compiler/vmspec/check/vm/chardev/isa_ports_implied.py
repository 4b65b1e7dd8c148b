"""ISA serial ports that libvirt counts only once it has made them such."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.chardevs import isa_port_conflicts
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu, is_x86


@rule(4812, "isa-ports-implied", phase=Phase.START)
def isa_ports_implied(vm: Domain) -> Iterator[Finding]:
    """
    What: More than four serial ports of a PC, one with a number above 3, or two at one number, some of them without a `target`.
    Why: libvirt 9.0.0 counts ISA ports (virDomainChrIsaSerialDefPostParse, src/conf/domain_postparse.c) before it makes those of every
    serial port of a PC that has no target (qemuDomainChrDefPostParse, src/qemu/qemu_domain.c): the definition is taken, and refused when
    the start reads it again.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it; start: internal error: Maximum supported number of ISA serial ports is '4'.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 2
          features { acpi = true }
          serial a { source = pty(); port = 0 }
          serial b { source = pty(); port = 0 }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 2
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

"""ISA serial ports that libvirt's parser counts: those that say what they are."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.chardevs import isa_port_conflicts
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu, is_x86


@rule(4806, "isa-ports", phase=Phase.DEFINE)
def isa_ports(vm: Domain) -> Iterator[Finding]:
    """
    What: More than four serial ports with `target = isa-serial`, one with a number above 3, or two at one number.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrIsaSerialDefPostParse, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: target port '0' already allocated.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial a { source = pty(); target = isa-serial; port = 0 }
          serial b { source = pty(); target = isa-serial; port = 0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial a { source = pty(); target = isa-serial; port = 0 }
          serial b { source = pty(); target = isa-serial; port = 1 }
        }
    """
    if is_x86(vm) and is_qemu(vm):
        yield from isa_port_conflicts([s for s in vm.serial if s.target == "isa-serial"])

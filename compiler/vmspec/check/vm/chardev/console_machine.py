"""A console of another hypervisor or machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_qemu, is_s390

_FOREIGN = ("xen", "lxc", "uml", "openvz")


@rule(4816, "console-machine", phase=Phase.DEFINE)
def console_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: A console's target is one of Xen, LXC, UML or OpenVZ, or is sclp or sclplm on a machine that is not s390x.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefConsole, src/qemu/qemu_validate.c); QEMU has the SCLP consoles for s390x
    only (tests/qemucapabilitiesdata).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unsupported console target type xen.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          console { source = pty(); target = xen }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          console { source = pty(); target = virtio }
        }
    """
    if not is_qemu(vm):
        return
    for console in vm.console:
        if console.target in _FOREIGN or (console.target in ("sclp", "sclplm") and not is_s390(vm)):
            yield Finding(("console", console.label, "target"), f"{describe(vm)} has no console {console.target}")

"""A serial console that is not the first."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4814, "console-serial", phase=Phase.DEFINE)
def console_serial(vm: Domain) -> Iterator[Finding]:
    """
    What: Another console than the first has target serial, or none.
    Why: A console without a target is another name of the first serial port, and only the first console may be one; libvirt 9.0.0 refuses
    others at define (virDomainDefAddConsoleCompat, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Only the first console can be a serial port.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          console a { source = pty() }
          console b { source = pty() }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          console a { source = pty() }
          console b { source = pty(); target = virtio }
        }
    """
    for console in vm.console[1:]:
        if console.target in (None, "serial"):
            yield Finding(("console", console.label), f"console {console.label} is not the first and is serial", help="set target = virtio")

"""A bandwidth on a card that the host does not see."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import HostdevSource, HostdevUsbSource


@rule(4416, "interface-bandwidth-on-hostdev", phase=Phase.START)
def bandwidth_on_hostdev(interface: Interface) -> Iterator[Finding]:
    """
    What: `bandwidth` on a hostdev interface.
    Why: The traffic does not pass the host; libvirt 9.0.0 refuses it at start (virDomainActualNetDefValidate, src/conf/domain_validate.c).
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = hostdev(0000:3b:02.1, managed = true); bandwidth { inbound { average = 5MiB/s } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = hostdev(0000:3b:02.1, managed = true) }
        }
    """
    if interface.bandwidth is not None and isinstance(interface.source, (HostdevSource, HostdevUsbSource)):
        yield Finding(("interface", interface.label, "bandwidth"), "the host cannot limit the traffic of a card that the guest has")

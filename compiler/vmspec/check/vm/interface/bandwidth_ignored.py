"""A bandwidth that nobody enforces."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface

_WITHOUT = ("user", "vhostuser", "server", "client", "mcast", "udp", "internal", "null", "vdpa")


@rule(4415, "interface-bandwidth-ignored", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def bandwidth_ignored(interface: Interface) -> Iterator[Finding]:
    """
    What: `bandwidth` on a user network, a vhost-user port or a tunnel.
    Why: There is no host device that the kernel could shape; libvirt logs a line and starts the guest without limits
    (qemuBuildInterfaceCommandLine, src/qemu/qemu_command.c 9.0.0: virNetDevSupportsBandwidth).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = user(); bandwidth { inbound { average = 5MiB/s } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); bandwidth { inbound { average = 5MiB/s } } }
        }
    """
    if interface.bandwidth is not None and interface.source is not None and interface.source.tag in _WITHOUT:
        yield Finding(("interface", interface.label, "bandwidth"), f"nobody limits the bandwidth of a {interface.source.tag} interface")

"""Several queues on a network that has one."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface

_SINGLE = ("user", "server", "client", "mcast", "udp", "internal", "null")


@rule(4407, "interface-queues-on-user", phase=Phase.START)
def queues_on_user(interface: Interface) -> Iterator[Finding]:
    """
    What: `queues` above 1 on a user network, or one over sockets or vDPA-free tunnels.
    Why: Only tap and vhost-user devices have several queues; libvirt 9.0.0 refuses others at start ("Multiqueue network is not supported
    for: user", qemuBuildInterfaceCommandLine, src/qemu/qemu_command.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: unsupported configuration: interface 52:54:00:a9:6d:42 -
    multiqueue is not supported for network interfaces of type user.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = user(); queues = 2 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); queues = 2 }
        }
    """
    if interface.queues and interface.queues > 1 and interface.source is not None and interface.source.tag in _SINGLE:
        yield Finding(("interface", interface.label, "queues"), f"a {interface.source.tag} network has one queue, not {interface.queues}")

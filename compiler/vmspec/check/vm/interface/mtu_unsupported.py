"""An MTU that libvirt cannot set."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface

_WITH = ("network", "bridge", "ethernet", "vhostuser")


@rule(4417, "interface-mtu-unsupported", phase=Phase.DEFINE)
def mtu_unsupported(interface: Interface) -> Iterator[Finding]:
    """
    What: `mtu` on an interface whose other end libvirt does not set up: user (but for passt), direct, hostdev, tunnels.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainNetSupportsMTU, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: setting MTU on interface type direct is not supported
    yet.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = direct("eth0", bridge); mtu = 9000 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); mtu = 9000 }
        }
    """
    source = interface.source
    if not interface.mtu or source is None or source.tag in _WITH:
        return
    if source.tag == "user" and interface.backend is not None and interface.backend.type == "passt":
        return
    yield Finding(
        ("interface", interface.label, "mtu"), f"libvirt cannot set the MTU of a {source.tag} interface", help="set it on the host's device"
    )

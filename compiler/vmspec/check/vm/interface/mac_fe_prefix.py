"""A MAC address in the range of libvirt's own tap devices."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4403, "interface-mac-fe-prefix", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def mac_fe_prefix(interface: Interface) -> Iterator[Finding]:
    """
    What: The MAC address begins with `fe:`.
    Why: libvirt gives the host's end of the tap device the guest's address with `fe` in front, so that a bridge never takes it for its own;
    with `fe` in the guest both ends are equal and the bridge loses packets (virNetDevTapCreateInBridgePort, src/util/virnetdevtap.c
    9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); mac = fe:54:00:12:34:56 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 }
        }
    """
    if interface.mac and interface.mac.startswith("fe:"):
        yield Finding(
            ("interface", interface.label, "mac"),
            f"{interface.mac} is the address of the host's own end of the interface",
            instead=f"52{interface.mac[2:]}",
        )

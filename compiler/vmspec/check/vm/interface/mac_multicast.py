"""A multicast MAC address."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4401, "interface-mac-multicast", phase=Phase.DEFINE)
def mac_multicast(interface: Interface) -> Iterator[Finding]:
    """
    What: The MAC address of an interface is a multicast one: the lowest bit of its first byte is set.
    Why: No card may have one; libvirt 9.0.0 refuses it (virDomainNetDefParseXML, src/conf/domain_conf.c, "expected unicast mac address").
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); mac = 53:54:00:12:34:56 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 }
        }
    """
    if interface.mac and int(interface.mac[:2], 16) & 1:
        fixed = f"{int(interface.mac[:2], 16) & 0xFE:02x}{interface.mac[2:]}"
        yield Finding(("interface", interface.label, "mac"), f"{interface.mac} is a multicast address", instead=fixed)

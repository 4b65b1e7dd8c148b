"""MAC addresses."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4401, "interface-mac-multicast", phase=Phase.DEFINE, needs="mac")
def mac_multicast(interface: Interface) -> Iterator[Finding]:
    """
    What: The MAC address of an interface is a multicast one: the lowest bit of its first byte is set.
    Why: No card may have one; libvirt 9.0.0 refuses it (virDomainNetDefParseXML, src/conf/domain_conf.c, "expected unicast mac address").
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); mac = 53:54:00:12:34:56 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 } }
    """
    if interface.mac and int(interface.mac[:2], 16) & 1:
        fixed = f"{int(interface.mac[:2], 16) & 0xFE:02x}{interface.mac[2:]}"
        yield Finding(("interface", interface.label, "mac"), f"{interface.mac} is a multicast address", instead=fixed)


@rule(4402, "interface-mac-zero", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="mac")
def mac_zero(interface: Interface) -> Iterator[Finding]:
    """
    What: The MAC address of an interface is 00:00:00:00:00:00.
    Why: Linux guests do not bring such a card up (is_valid_ether_addr, include/linux/etherdevice.h); libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); mac = 00:00:00:00:00:00 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 } }
    """
    if interface.mac == "00:00:00:00:00:00":
        yield Finding(
            ("interface", interface.label, "mac"),
            f"interface {interface.label} has no usable MAC address",
            help="leave mac out to have one derived",
        )


@rule(4403, "interface-mac-fe-prefix", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="mac")
def mac_fe_prefix(interface: Interface) -> Iterator[Finding]:
    """
    What: The MAC address begins with `fe:`.
    Why: libvirt gives the host's end of the tap device the guest's address with `fe` in front, so that a bridge never takes it for its own;
    with `fe` in the guest both ends are equal and the bridge loses packets (virNetDevTapCreateInBridgePort, src/util/virnetdevtap.c
    9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); mac = fe:54:00:12:34:56 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 } }
    """
    if interface.mac and interface.mac.startswith("fe:"):
        yield Finding(
            ("interface", interface.label, "mac"),
            f"{interface.mac} is the address of the host's own end of the interface",
            instead=f"52{interface.mac[2:]}",
        )

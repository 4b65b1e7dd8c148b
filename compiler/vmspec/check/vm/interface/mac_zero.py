"""A MAC address of zeroes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4402, "interface-mac-zero", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def mac_zero(interface: Interface) -> Iterator[Finding]:
    """
    What: The MAC address of an interface is 00:00:00:00:00:00.
    Why: Linux guests do not bring such a card up (is_valid_ether_addr, include/linux/etherdevice.h); libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); mac = 00:00:00:00:00:00 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 }
        }
    """
    if interface.mac == "00:00:00:00:00:00":
        yield Finding(
            ("interface", interface.label, "mac"),
            f"interface {interface.label} has no usable MAC address",
            help="leave mac out to have one derived",
        )

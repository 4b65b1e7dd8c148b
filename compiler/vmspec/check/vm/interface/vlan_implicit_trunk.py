"""A trunk that was not asked for."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4420, "interface-vlan-implicit-trunk", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def vlan_implicit_trunk(interface: Interface) -> Iterator[Finding]:
    """
    What: Several VLAN tags, and nothing says that a trunk is meant.
    Why: libvirt turns several tags into a trunk by itself (virNetDevVlanParse, src/conf/netdev_vlan_conf.c 9.0.0): the guest gets tagged
    frames of all of them.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = network("ovs"); vlan { tags = [42, 47] } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = network("ovs"); vlan { tags = [42, 47]; trunk = true } }
        }
    """
    vlan = interface.vlan
    if vlan is not None and vlan.trunk is None and len(vlan.tags) > 1:
        yield Finding(
            ("interface", interface.label, "vlan", "tags"),
            f"tags {', '.join(str(t) for t in vlan.tags)} make the port a trunk",
            help="say trunk = true if that is meant",
        )

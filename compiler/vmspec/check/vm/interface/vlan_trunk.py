"""A trunk that is denied."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4419, "interface-vlan-trunk", phase=Phase.DEFINE)
def vlan_trunk(interface: Interface) -> Iterator[Finding]:
    """
    What: Several VLAN tags, or a native mode, with `trunk = false`.
    Why: More than one tag is a trunk; libvirt 9.0.0 refuses the contradiction at define (virNetDevVlanParse, src/conf/netdev_vlan_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = network("ovs"); vlan { tags = [42, 47]; trunk = false } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = network("ovs"); vlan { tags = [42, 47]; trunk = true } }
        }
    """
    vlan = interface.vlan
    if vlan is None:
        return
    here = ("interface", interface.label, "vlan")
    native = [str(tag) for tag in vlan.tags if "/" in str(tag)]
    if not vlan.tags:
        yield Finding(here, "a vlan needs at least one tag")
    elif vlan.trunk is False and (len(vlan.tags) > 1 or native):
        yield Finding((*here, "trunk"), f"tags {', '.join(str(t) for t in vlan.tags)} make a trunk", instead="true")
    if len(native) > 1:
        yield Finding((*here, "tags"), f"only one tag can be native, not {' and '.join(native)}")

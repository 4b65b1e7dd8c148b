"""A driver of another kind of interface."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.interfaces import is_virtio
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import HostdevSource


@rule(4432, "interface-driver-name", phase=Phase.DEFINE)
def driver_name(interface: Interface) -> Iterator[Finding]:
    """
    What: `driver = vfio`, `kvm` or `xen` on a virtio card, or `qemu` or `vhost` on an interface of type hostdev.
    Why: Of a card the driver moves packets, of a host device it binds the device; libvirt 9.0.0 refuses the other kind's at define
    (virDomainNetDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid value for attribute 'name' in element 'driver': 'vfio'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); driver = vfio }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); driver = vhost }
        }
    """
    here = ("interface", interface.label, "driver")
    if interface.driver in ("vfio", "kvm", "xen") and is_virtio(interface):
        yield Finding(here, f"a virtio card is driven by qemu or vhost, not {interface.driver}")
    elif interface.driver in ("qemu", "vhost") and isinstance(interface.source, HostdevSource):
        yield Finding(here, f"a host device is bound by vfio, not {interface.driver}", instead="vfio")

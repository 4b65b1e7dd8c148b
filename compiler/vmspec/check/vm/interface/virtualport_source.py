"""A virtual port on an interface that has no switch."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4431, "interface-virtualport-source", phase=Phase.DEFINE)
def virtualport_source(interface: Interface) -> Iterator[Finding]:
    """
    What: `virtualport` on an interface of a kind that is connected to no managed switch, or of a switch that does not go with it.
    Why: libvirt 9.0.0 refuses it at define (virDomainNetDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = user(); virtualport { type = openvswitch } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); virtualport { type = openvswitch } }
        }
    """
    if (
        interface.virtualport is not None
        and interface.source is not None
        and interface.source.tag not in ("network", "bridge", "direct", "hostdev", "hostdev-usb", "hostdev-usb-product", "ethernet")
    ):
        yield Finding(("interface", interface.label, "virtualport"), f"a {interface.source.tag} interface has no virtual port")

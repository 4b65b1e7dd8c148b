"""A guaranteed rate where none can be kept."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.interfaces import directions
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import NetworkSource


@rule(4413, "interface-bandwidth-floor", phase=Phase.DEFINE)
def bandwidth_floor(interface: Interface) -> Iterator[Finding]:
    """
    What: `floor` is set outbound, or on an interface that is not on a libvirt network.
    Why: The bridge of a libvirt network keeps the rate for what it sends to the guest; libvirt 9.0.0 refuses it elsewhere at define
    (virNetDevBandwidthParse, src/conf/netdev_bandwidth_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: floor attribute is not supported for this config.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); bandwidth { inbound { average = 5MiB/s; floor = 1MiB/s } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = network("default"); bandwidth { inbound { average = 5MiB/s; floor = 1MiB/s } } }
        }
    """
    for name, traffic in directions(interface):
        if traffic.floor and name == "outbound":
            yield Finding(("interface", interface.label, "bandwidth", name, "floor"), "floor is for inbound traffic only")
        elif traffic.floor and not isinstance(interface.source, NetworkSource):
            yield Finding(("interface", interface.label, "bandwidth", name, "floor"), "floor needs an interface on a libvirt network")

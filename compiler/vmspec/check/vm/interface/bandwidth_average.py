"""A bandwidth without a rate to keep."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.interfaces import directions
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4412, "interface-bandwidth-average", phase=Phase.DEFINE)
def bandwidth_average(interface: Interface) -> Iterator[Finding]:
    """
    What: A direction of `bandwidth` has neither `average` nor `floor`, or `peak` or `burst` without `average`.
    Why: libvirt 9.0.0 refuses it at define (virNetDevBandwidthParseRate, src/conf/netdev_bandwidth_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: Missing mandatory average or floor attributes.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); bandwidth { inbound { peak = 10MiB/s } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); bandwidth { inbound { average = 5MiB/s; peak = 10MiB/s } } }
        }
    """
    for name, traffic in directions(interface):
        here = ("interface", interface.label, "bandwidth", name)
        if traffic.average:
            continue
        if traffic.peak or traffic.burst:
            yield Finding(here, f"{'peak' if traffic.peak else 'burst'} of {name} needs average")
        elif not traffic.floor:
            yield Finding(here, f"{name} says no rate", help="set average")

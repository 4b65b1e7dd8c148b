"""Bandwidth limits."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.queries.interfaces import directions
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import HostdevSource, HostdevUsbSource, NetworkSource
from vmspec.model.value import show_quantity


@rule(4412, "interface-bandwidth-average", phase=Phase.DEFINE, needs="bandwidth")
def bandwidth_average(interface: Interface) -> Iterator[Finding]:
    """
    What: A direction of `bandwidth` has neither `average` nor `floor`, or `peak` or `burst` without `average`.
    Why: libvirt 9.0.0 refuses it at define (virNetDevBandwidthParseRate, src/conf/netdev_bandwidth_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: Missing mandatory average or floor attributes.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); bandwidth { inbound { peak = 10MiB/s } } } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
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


@rule(4413, "interface-bandwidth-floor", phase=Phase.DEFINE, needs="bandwidth")
def bandwidth_floor(interface: Interface) -> Iterator[Finding]:
    """
    What: `floor` is set outbound, or on an interface that is not on a libvirt network.
    Why: The bridge of a libvirt network keeps the rate for what it sends to the guest; libvirt 9.0.0 refuses it elsewhere at define
    (virNetDevBandwidthParse, src/conf/netdev_bandwidth_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: floor attribute is not supported for this config.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); bandwidth { inbound { average = 5MiB/s; floor = 1MiB/s } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = network("default"); bandwidth { inbound { average = 5MiB/s; floor = 1MiB/s } } }
        }
    """
    for name, traffic in directions(interface):
        if traffic.floor and name == "outbound":
            yield Finding(("interface", interface.label, "bandwidth", name, "floor"), "floor is for inbound traffic only")
        elif traffic.floor and not isinstance(interface.source, NetworkSource):
            yield Finding(("interface", interface.label, "bandwidth", name, "floor"), "floor needs an interface on a libvirt network")


@rule(4414, "interface-bandwidth-peak", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="bandwidth")
def bandwidth_peak(interface: Interface) -> Iterator[Finding]:
    """
    What: `peak` of a direction is below its `average`.
    Why: libvirt hands both to the kernel's traffic shaper, which then never reaches the average (tc-htb(8): ceil below rate); it does not
    compare them.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); bandwidth { inbound { average = 10MiB/s; peak = 5MiB/s } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); bandwidth { inbound { average = 5MiB/s; peak = 10MiB/s } } }
        }
    """
    for name, traffic in directions(interface):
        if traffic.average and traffic.peak and traffic.peak < traffic.average:
            yield Finding(
                ("interface", interface.label, "bandwidth", name, "peak"),
                f"peak {show_quantity(traffic.peak)} of {name} is below average {show_quantity(traffic.average)}",
                labels=((("interface", interface.label, "bandwidth", name, "average"), "the average"),),
            )


_WITHOUT = ("user", "vhostuser", "server", "client", "mcast", "udp", "internal", "null", "vdpa")


@rule(4415, "interface-bandwidth-ignored", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="bandwidth")
def bandwidth_ignored(interface: Interface) -> Iterator[Finding]:
    """
    What: `bandwidth` on a user network, a vhost-user port or a tunnel.
    Why: There is no host device that the kernel could shape; libvirt logs a line and starts the guest without limits
    (qemuBuildInterfaceCommandLine, src/qemu/qemu_command.c 9.0.0: virNetDevSupportsBandwidth).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = user(); bandwidth { inbound { average = 5MiB/s } } } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); bandwidth { inbound { average = 5MiB/s } } }
        }
    """
    if interface.bandwidth is not None and interface.source is not None and interface.source.tag in _WITHOUT:
        yield Finding(
            ("interface", interface.label, "bandwidth"), f"nobody limits the bandwidth of {with_article(interface.source.tag)} interface"
        )


@rule(4416, "interface-bandwidth-on-hostdev", phase=Phase.START, needs="bandwidth")
def bandwidth_on_hostdev(interface: Interface) -> Iterator[Finding]:
    """
    What: `bandwidth` on a hostdev interface.
    Why: The traffic does not pass the host; libvirt 9.0.0 refuses it at start (virDomainActualNetDefValidate, src/conf/domain_validate.c).
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = hostdev(0000:3b:02.1, managed = true); bandwidth { inbound { average = 5MiB/s } } }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = hostdev(0000:3b:02.1, managed = true) } }
    """
    if interface.bandwidth is not None and isinstance(interface.source, (HostdevSource, HostdevUsbSource)):
        yield Finding(("interface", interface.label, "bandwidth"), "the host cannot limit the traffic of a card that the guest has")

"""A peak below the average."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.interfaces import directions
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.value import show_quantity


@rule(4414, "interface-bandwidth-peak", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def bandwidth_peak(interface: Interface) -> Iterator[Finding]:
    """
    What: `peak` of a direction is below its `average`.
    Why: libvirt hands both to the kernel's traffic shaper, which then never reaches the average (tc-htb(8): ceil below rate); it does not
    compare them.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); bandwidth { inbound { average = 10MiB/s; peak = 5MiB/s } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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

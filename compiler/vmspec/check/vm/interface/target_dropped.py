"""A name of the host's device that libvirt drops."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4404, "interface-target-dropped", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def target_dropped(interface: Interface) -> Iterator[Finding]:
    """
    What: `target` begins with `vnet`, `vif`, `macvtap` or `macvlan`.
    Why: These prefixes are libvirt's own, and it drops such names at define without a word (virDomainNetDefParseXML, src/conf/domain_conf.c
    9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); target = vnet7 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); target = feed0 }
        }
    """
    name = interface.target
    if name and name.startswith(("vnet", "vif", "macvtap", "macvlan")):
        yield Finding(("interface", interface.label, "target"), f"libvirt drops the name {name}: the prefix is its own")

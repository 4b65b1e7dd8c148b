"""An isolated port that is not on a Linux bridge."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4422, "interface-isolated-source", phase=Phase.DEFINE)
def isolated_source(interface: Interface) -> Iterator[Finding]:
    """
    What: `isolated` on an interface that is not on a bridge or network, or has a virtual port.
    Why: Isolation is a flag of Linux bridge ports; libvirt 9.0.0 refuses it elsewhere at define (virDomainNetDefValidatePortOptions,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: interface 52:54:00:88:ba:eb - <port isolated='yes'/> is
    not supported for network interfaces with type='direct'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = direct("eth0", bridge); isolated = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); isolated = true }
        }
    """
    if interface.isolated and interface.source is not None:
        if interface.source.tag not in ("bridge", "network"):
            yield Finding(("interface", interface.label, "isolated"), f"a {interface.source.tag} interface is no port of a Linux bridge")
        elif interface.virtualport is not None and interface.virtualport.type is not None:
            yield Finding(("interface", interface.label, "isolated"), f"a port of {interface.virtualport.type} cannot be isolated")

"""A set-up of the host's end that only ethernet interfaces have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4427, "interface-host-address", phase=Phase.DEFINE)
def host_address(interface: Interface) -> Iterator[Finding]:
    """
    What: An unmanaged target on an interface that is not of kind ethernet.
    Why: libvirt 9.0.0 refuses it at define (virDomainNetDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unmanaged target dev is not supported on interfaces of
    type 'bridge'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); target = tap7; target-managed = false }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = ethernet(); target = tap7; target-managed = false }
        }
    """
    if interface.target_managed is False and interface.source is not None and interface.source.tag != "ethernet":
        yield Finding(("interface", interface.label, "target-managed"), f"a {interface.source.tag} interface has no unmanaged device")

"""A VLAN on a plain Linux bridge."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import BridgeSource, DirectSource, HostdevSource, HostdevUsbSource, NetworkSource


@rule(4418, "interface-vlan-on-bridge", phase=Phase.START)
def vlan_on_bridge(interface: Interface) -> Iterator[Finding]:
    """
    What: `vlan` on a bridge without an Open vSwitch virtual port, on a macvtap that is not passthrough, or on another interface that knows
    no VLANs.
    Why: libvirt sets VLANs only on Open vSwitch ports, virtual functions and macvtap passthrough; it refuses the rest at start ("vlan tag
    not supported for this connection type", virDomainActualNetDefValidate, src/conf/domain_validate.c 9.0.0; bridge VLANs came with
    11.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: unsupported configuration: interface 52:54:00:3b:b2:8e - vlan
    tag not supported for this connection type.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); vlan { tags = [42] } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); vlan { tags = [42] }; virtualport { type = openvswitch } }
        }
    """
    source = interface.source
    if interface.vlan is None or source is None or isinstance(source, (NetworkSource, HostdevSource, HostdevUsbSource)):
        return
    if isinstance(source, BridgeSource) and interface.virtualport is not None and interface.virtualport.type == "openvswitch":
        return
    if isinstance(source, DirectSource) and source.mode == "passthrough":
        return
    yield Finding(
        ("interface", interface.label, "vlan"),
        f"libvirt sets no VLAN on a {source.tag} interface of this kind",
        help="use an Open vSwitch virtualport, or a bridge for each VLAN",
    )

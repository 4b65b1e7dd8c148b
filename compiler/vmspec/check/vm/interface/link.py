"""MTU, VLANs, virtual ports and teaming."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.queries.interfaces import is_virtio
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import BridgeSource, DirectSource, HostdevSource, HostdevUsbSource, NetworkSource

_WITH = ("network", "bridge", "ethernet", "vhostuser")


@rule(4417, "interface-mtu-unsupported", phase=Phase.DEFINE, needs="mtu")
def mtu_unsupported(interface: Interface) -> Iterator[Finding]:
    """
    What: `mtu` on an interface whose other end libvirt does not set up: user (but for passt), direct, hostdev, tunnels.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainNetSupportsMTU, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: setting MTU on interface type direct is not supported
    yet.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = direct("eth0", bridge); mtu = 9000 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); mtu = 9000 } }
    """
    source = interface.source
    if not interface.mtu or source is None or source.tag in _WITH:
        return
    if source.tag == "user" and interface.backend is not None and interface.backend.type == "passt":
        return
    yield Finding(
        ("interface", interface.label, "mtu"),
        f"libvirt cannot set the MTU of {with_article(source.tag)} interface",
        help="set it on the host's device",
    )


@rule(4418, "interface-vlan-on-bridge", phase=Phase.START, needs="vlan")
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
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); vlan { tags = [42] } } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
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
        f"libvirt sets no VLAN on {with_article(source.tag)} interface of this kind",
        help="use an Open vSwitch virtualport, or a bridge for each VLAN",
    )


@rule(4419, "interface-vlan-trunk", phase=Phase.DEFINE, needs="vlan")
def vlan_trunk(interface: Interface) -> Iterator[Finding]:
    """
    What: Several VLAN tags, or a native mode, with `trunk = false`.
    Why: More than one tag is a trunk; libvirt 9.0.0 refuses the contradiction at define (virNetDevVlanParse, src/conf/netdev_vlan_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = network("ovs"); vlan { tags = [42, 47]; trunk = false } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = network("ovs"); vlan { tags = [42, 47]; trunk = true } } }
    """
    vlan = interface.vlan
    if vlan is None:
        return
    here = ("interface", interface.label, "vlan")
    native = [str(tag) for tag in vlan.tags if "/" in str(tag)]
    if not vlan.tags:
        yield Finding(here, "a vlan needs at least one tag")
    elif vlan.trunk is False and (len(vlan.tags) > 1 or native):
        yield Finding((*here, "trunk"), f"tags {', '.join(str(t) for t in vlan.tags)} make a trunk", instead="true")
    if len(native) > 1:
        yield Finding((*here, "tags"), f"only one tag can be native, not {' and '.join(native)}")


@rule(4420, "interface-vlan-implicit-trunk", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="vlan")
def vlan_implicit_trunk(interface: Interface) -> Iterator[Finding]:
    """
    What: Several VLAN tags, and nothing says that a trunk is meant.
    Why: libvirt turns several tags into a trunk by itself (virNetDevVlanParse, src/conf/netdev_vlan_conf.c 9.0.0): the guest gets tagged
    frames of all of them.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = network("ovs"); vlan { tags = [42, 47] } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = network("ovs"); vlan { tags = [42, 47]; trunk = true } } }
    """
    vlan = interface.vlan
    if vlan is not None and vlan.trunk is None and len(vlan.tags) > 1:
        yield Finding(
            ("interface", interface.label, "vlan", "tags"),
            f"tags {', '.join(str(t) for t in vlan.tags)} make the port a trunk",
            help="say trunk = true if that is meant",
        )


@rule(4425, "interface-teaming-persistent", phase=Phase.DEFINE, needs="teaming")
def teaming_persistent(interface: Interface) -> Iterator[Finding]:
    """
    What: A transient teaming interface does not name the persistent one, or a persistent one names another.
    Why: libvirt 9.0.0 refuses it at define (virDomainNetDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          interface vf0 { source = hostdev(0000:3b:02.1, managed = true); teaming { type = transient } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          interface vf0 { source = hostdev(0000:3b:02.1, managed = true); teaming { type = transient; persistent = ua-eth0 } }
        }
    """
    team = interface.teaming
    if team is None:
        return
    here = ("interface", interface.label, "teaming")
    if team.type == "transient" and not team.persistent:
        yield Finding(
            here,
            "a transient interface names the persistent one of its team",
            help="set persistent = ua-… (the alias of the other interface)",
        )
    elif team.type != "transient" and team.persistent:
        yield Finding((*here, "persistent"), "only the transient interface of a team names the other")
    if team.type == "persistent" and not is_virtio(interface):
        yield Finding(here, f"the persistent interface of a team is a virtio card, not {interface.model or 'rtl8139'}")
    elif team.type == "transient" and interface.source is not None and interface.source.tag not in ("hostdev", "hostdev-usb", "network"):
        yield Finding(here, f"the transient interface of a team is a hostdev, not {interface.source.tag}")


@rule(4431, "interface-virtualport-source", phase=Phase.DEFINE, needs="virtualport")
def virtualport_source(interface: Interface) -> Iterator[Finding]:
    """
    What: `virtualport` on an interface of a kind that is connected to no managed switch, or of a switch that does not go with it.
    Why: libvirt 9.0.0 refuses it at define (virDomainNetDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = user(); virtualport { type = openvswitch } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); virtualport { type = openvswitch } } }
    """
    if (
        interface.virtualport is not None
        and interface.source is not None
        and interface.source.tag not in ("network", "bridge", "direct", "hostdev", "hostdev-usb", "hostdev-usb-product", "ethernet")
    ):
        yield Finding(("interface", interface.label, "virtualport"), f"{with_article(interface.source.tag)} interface has no virtual port")

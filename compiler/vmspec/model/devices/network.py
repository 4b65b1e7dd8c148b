"""Where the packets of a network interface go."""

from collections.abc import Mapping
from typing import TypeAlias

from vmspec.model.block import Annotated, Attr, Block, Many, Sub
from vmspec.model.devices.kinds import (
    ABSOLUTE,
    COUNT,
    DEVICE_NAME,
    HEX_2,
    INT,
    IP,
    OBJECT_NAME,
    PCI_BUS,
    PCI_DOMAIN,
    PCI_FUNCTION,
    PCI_SLOT,
    PORT,
    UUID,
    SchemaWords,
    pci_parts,
    pci_text,
)
from vmspec.model.devices.storage_parts import Reconnect
from vmspec.model.kind import NAME, ON_OFF, TEXT, YES_NO, Integer, OneOf, ReadWords, Words
from vmspec.model.value import Value

BRIDGE = SchemaWords(r"[a-zA-Z0-9_.\-\\:/ ]*", "a name of a bridge")
USB_NUMBER = Integer(0, 0xFFF)
USB_PORT = ReadWords(r"([0-9]{1,3}\.){0,3}[0-9]{1,3}", "a USB port such as 1 or 2.3, four numbers at most", symbol=True)
USB_PORT_SINCE = "11.4.0"
"""No document says which; the schema of 11.3.0 has no such port of the host's, that of 12.9.0 has."""
USB_ORDER = ("source/vendor", "source/product", "source/address")
"""libvirt's schema demands it (domaincommon.rng, hostdevsubsysusb); its parser does not."""


class Ip(Block):
    """An address of the interface."""

    element = "ip"

    address: Annotated[str | None, Attr("@address", IP, "The address.", since="1.2.12")] = None
    family: Annotated[
        str | None, Attr("@family", OneOf("ipv4", "ipv6"), "Its family; ipv4 unless said.", since="1.2.12", unchecked=True)
    ] = None
    prefix: Annotated[int | None, Attr("@prefix", Integer(0, 128), "Bits of the network.", since="1.2.12")] = None
    peer: Annotated[str | None, Attr("@peer", IP, "The other end of a point-to-point link.", since="2.1.0")] = None


class Route(Block):
    """A route through the interface."""

    element = "route"

    family: Annotated[str | None, Attr("@family", OneOf("ipv4", "ipv6"), "Family of the addresses.", since="1.2.12")] = None
    address: Annotated[str | None, Attr("@address", IP, "The network that is reached.", since="1.2.12")] = None
    netmask: Annotated[str | None, Attr("@netmask", IP, "Mask of that network.", since="1.2.12")] = None
    prefix: Annotated[int | None, Attr("@prefix", Integer(0, 128), "Bits of that network, in place of a mask.", since="1.2.12")] = None
    gateway: Annotated[str | None, Attr("@gateway", IP, "The gateway.", since="1.2.12")] = None
    metric: Annotated[int | None, Attr("@metric", COUNT, "Metric of the route.", since="1.2.12")] = None


class NetworkPort(Block):
    """The network of libvirt that a port belongs to."""

    network: Annotated[str | None, Attr("source/@network", TEXT, "Name of libvirt's network.")] = None
    portgroup: Annotated[str | None, Attr("source/@portgroup", DEVICE_NAME, "Group of ports of that network.", since="0.9.4")] = None
    portid: Annotated[str | None, Attr("source/@portid", UUID, "The port itself; running guests only.", since="5.1.0", unchecked=True)] = (
        None
    )


class BridgePort(Block):
    """The bridge that a port belongs to."""

    bridge: Annotated[str | None, Attr("source/@bridge", BRIDGE, "Name of the bridge.")] = None
    mac_table_manager: Annotated[
        str | None, Attr("source/@macTableManager", OneOf("kernel", "libvirt"), "Who fills the bridge's table of MACs.", since="1.2.11")
    ] = None


class BridgeSource(BridgePort, NetworkPort):
    """A bridge of the host, also of Open vSwitch."""

    tag = "bridge"
    positional = ("bridge",)


class NetworkSource(NetworkPort, BridgePort):
    """A network of libvirt."""

    tag = "network"
    positional = ("network",)


class DirectSource(NetworkPort):
    """A network card of the host, through macvtap."""

    tag = "direct"
    positional = ("dev", "mode")

    dev: Annotated[str | None, Attr("source/@dev", DEVICE_NAME, "Network card of the host.", since="0.7.7")] = None
    mode: Annotated[
        str | None,
        Attr(
            "source/@mode", OneOf("vepa", "bridge", "private", "passthrough"), "How the guests on this card see one another.", since="0.7.7"
        ),
    ] = None


class UserSource(Block):
    """QEMU's own network without privileges, or passt."""

    tag = "user"
    positional = ("dev",)

    dev: Annotated[str | None, Attr("source/@dev", DEVICE_NAME, "Interface of the host that passt uses.", since="9.0.0")] = None


class EthernetSource(Block):
    """A tap device that is set up by a script or by others."""

    tag = "ethernet"

    host_ip: Annotated[tuple[Ip, ...], Many("Addresses of the host's end.", at="source/ip", since="2.1.0")] = ()
    host_route: Annotated[tuple[Route, ...], Many("Routes through the host's end.", at="source/route", since="2.1.0")] = ()


class VhostUserSource(Block):
    """A switch in user space, over a socket; needs shared memory."""

    tag = "vhostuser"
    positional = ("path",)

    type: Annotated[str | None, Attr("source/@type", OneOf("unix"), "Kind of the socket.", default="unix")] = None
    path: Annotated[str | None, Attr("source/@path", ABSOLUTE, "Path of the socket.", since="1.2.7")] = None
    mode: Annotated[str | None, Attr("source/@mode", OneOf("server", "client"), "Who listens: QEMU as server.", since="1.2.7")] = None
    dev: Annotated[str | None, Attr("source/@dev", DEVICE_NAME, "Interface of the host that passt uses.", since="11.1.0")] = None
    reconnect: Annotated[Reconnect | None, Sub("Whether a client connects again.", at="source/reconnect", since="4.1.0")] = None


class InternalSource(Block):
    """An internal network of VirtualBox or Hyper-V."""

    tag = "internal"
    positional = ("name",)

    name: Annotated[str | None, Attr("source/@name", DEVICE_NAME, "Its name.")] = None


class SocketSource(Block):
    """A tunnel between QEMU processes."""

    positional = ("address", "port")

    address: Annotated[str | None, Attr("source/@address", IP, "IPv4 address.")] = None
    port: Annotated[int | None, Attr("source/@port", PORT, "Port.")] = None


class McastSource(SocketSource):
    """A virtual network over multicast."""

    tag = "mcast"


class ClientSource(SocketSource):
    """The calling end of a TCP tunnel."""

    tag = "client"


class ServerSource(SocketSource):
    """The listening end of a TCP tunnel."""

    tag = "server"


class UdpSource(SocketSource):
    """A tunnel over UDP."""

    tag = "udp"

    local_address: Annotated[str | None, Attr("source/local/@address", IP, "Address of our end.", since="1.2.20")] = None
    local_port: Annotated[int | None, Attr("source/local/@port", PORT, "Port of our end.", since="1.2.20")] = None


class HostdevPort(Block):
    """A network function of the host, given whole."""

    when = "hostdev"

    managed: Annotated[
        bool | None,
        Attr("@managed", YES_NO, "Whether libvirt takes the device from the host and gives it back.", since="0.9.11", unchecked=True),
    ] = None
    missing: Annotated[bool | None, Attr("source/@missing", YES_NO, "The device is not there; libvirt writes it.")] = None


class HostdevSource(HostdevPort):
    """A PCI network function of the host: `hostdev(0000:3b:02.1)`."""

    tag = "hostdev"
    constants = (("source/address/@type", "pci"),)

    domain: Annotated[int | None, Attr("source/address/@domain", PCI_DOMAIN, "PCI domain.", since="0.9.11")] = None
    bus: Annotated[int | None, Attr("source/address/@bus", PCI_BUS, "PCI bus.", since="0.9.11")] = None
    slot: Annotated[int | None, Attr("source/address/@slot", PCI_SLOT, "PCI slot.", since="0.9.11")] = None
    function: Annotated[int | None, Attr("source/address/@function", PCI_FUNCTION, "PCI function.", since="0.9.11")] = None
    multifunction: Annotated[bool | None, Attr("source/address/@multifunction", ON_OFF, "Unused here; libvirt's schema allows it.")] = None

    @classmethod
    def positional_parts(cls, text: str) -> "dict[str, Value] | None":
        return pci_parts(text)

    @classmethod
    def joined_parts(cls, values: "Mapping[str, Value]") -> str | None:
        return pci_text(values)


class HostdevUsbSource(HostdevPort):
    """A USB network device of the host, by its place."""

    tag = "hostdev-usb"
    constants = (("source/address/@type", "usb"),)
    positional = ("bus", "device")

    bus: Annotated[int | None, Attr("source/address/@bus", USB_NUMBER, "USB bus.", since="0.9.11")] = None
    device: Annotated[int | None, Attr("source/address/@device", USB_NUMBER, "Device on the bus.", since="0.9.11")] = None
    port: Annotated[
        str | None, Attr("source/address/@port", USB_PORT, "Port on the bus, in place of the device.", since=USB_PORT_SINCE)
    ] = None


class HostdevUsbProductSource(HostdevPort):
    """A USB network device of the host, by its vendor and product."""

    tag = "hostdev-usb-product"
    positional = ("vendor", "product")

    vendor: Annotated[int | None, Attr("source/vendor/@id", HEX_2, "Vendor id.", since="0.9.11")] = None
    product: Annotated[int | None, Attr("source/product/@id", HEX_2, "Product id.", since="0.9.11")] = None
    bus: Annotated[int | None, Attr("source/address/@bus", USB_NUMBER, "USB bus, to tell equal devices apart.", since="0.9.11")] = None
    device: Annotated[int | None, Attr("source/address/@device", USB_NUMBER, "Device on the bus.", since="0.9.11")] = None
    port: Annotated[
        str | None, Attr("source/address/@port", USB_PORT, "Port on the bus, in place of the device.", since=USB_PORT_SINCE)
    ] = None


class VdpaSource(Block):
    """A vDPA device of the host."""

    tag = "vdpa"
    positional = ("dev",)

    dev: Annotated[str | None, Attr("source/@dev", DEVICE_NAME, "Path of the device, /dev/vhost-vdpa-N.", since="6.9.0")] = None


class NullSource(Block):
    """No network at all behind the card."""

    tag = "null"


class VdsSource(Block):
    """A distributed switch of VMware."""

    tag = "vds"

    switchid: Annotated[str | None, Attr("source/@switchid", UUID, "UUID of the switch.", since="8.7.0")] = None
    portid: Annotated[int | None, Attr("source/@portid", INT, "Port of the switch.", since="8.7.0")] = None
    portgroupid: Annotated[str | None, Attr("source/@portgroupid", OBJECT_NAME, "Group of ports.", since="8.7.0")] = None
    connectionid: Annotated[int | None, Attr("source/@connectionid", INT, "Number of the connection.", since="8.7.0")] = None


InterfaceSource: TypeAlias = (
    BridgeSource | NetworkSource | DirectSource | UserSource | EthernetSource | VhostUserSource | InternalSource
    | McastSource | ClientSource | ServerSource | UdpSource | HostdevSource | HostdevUsbSource | HostdevUsbProductSource
    | VdpaSource | NullSource | VdsSource
)  # fmt: skip


class VirtualPort(Block):
    """What a managed switch wants to know of the port."""

    element = "virtualport"

    type: Annotated[
        str | None, Attr("@type", OneOf("802.1Qbg", "802.1Qbh", "openvswitch", "midonet"), "Kind of the switch.", since="0.8.2")
    ] = None
    managerid: Annotated[
        int | None, Attr("parameters/@managerid", Integer(0, 0xFF), "Database of port types (802.1Qbg).", since="0.8.2")
    ] = None
    typeid: Annotated[int | None, Attr("parameters/@typeid", Integer(0, 0xFFFFFF), "Port type (802.1Qbg).", since="0.8.2")] = None
    typeidversion: Annotated[
        int | None, Attr("parameters/@typeidversion", Integer(0, 0xFF), "Version of the port type (802.1Qbg).", since="0.8.2")
    ] = None
    instanceid: Annotated[str | None, Attr("parameters/@instanceid", UUID, "UUID of the guest's port (802.1Qbg).", since="0.8.2")] = None
    profileid: Annotated[
        str | None,
        Attr("parameters/@profileid", Words(r".{0,39}", "at most 39 characters"), "Port profile (802.1Qbh, openvswitch).", since="0.8.2"),
    ] = None
    interfaceid: Annotated[
        str | None, Attr("parameters/@interfaceid", UUID, "UUID of the interface (openvswitch, midonet).", since="0.9.11")
    ] = None


class Teaming(Block):
    """Two interfaces that the guest bonds: a fast one that goes before a migration, and one that stays."""

    element = "teaming"
    main = "type"

    type: Annotated[str | None, Attr("@type", OneOf("persistent", "transient"), "Which of the two this is.", since="6.1.0")] = None
    persistent: Annotated[str | None, Attr("@persistent", NAME, "Of the transient one: alias of the persistent one.", since="6.1.0")] = None

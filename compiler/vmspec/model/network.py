"""A virtual network of libvirt: bridge, forwarding, addresses, names (docs/formatnetwork.rst, src/conf/schemas/network.rng 9.0.0)."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap, Sub
from vmspec.model.devices.interface import Bandwidth, Vlan
from vmspec.model.devices.kinds import IP, MAC, UUID
from vmspec.model.devices.network import Route, VirtualPort
from vmspec.model.kind import NAME, ON_OFF, PLACE, TEXT, YES_NO, Integer, ListOf, OneOf
from vmspec.model.units import SECONDS
from vmspec.model.value import Duration, Symbol, Value

PORT = Integer(0, 65535)
FAMILY = OneOf("ipv4", "ipv6")


class ForwardInterface(Block):
    """A host interface that traffic leaves by."""

    element = "forward/interface"

    dev: Annotated[str | None, Attr("@dev", NAME, "Name of the host's interface.", policy="label")] = None


class ForwardAddress(Block):
    """A virtual function that guests are given, by its PCI address."""

    element = "forward/address[@type='pci']"

    domain: Annotated[int | None, Attr("@domain", Integer(0, 0xFFFFFFFF, radix=16, digits=4), "PCI domain.")] = None
    bus: Annotated[int | None, Attr("@bus", Integer(0, 0xFF, radix=16), "PCI bus.")] = None
    slot: Annotated[int | None, Attr("@slot", Integer(0, 0x1F, radix=16), "PCI slot.")] = None
    function: Annotated[int | None, Attr("@function", Integer(0, 7, radix=16, digits=1), "PCI function.")] = None


class Forward(Block):
    """How the network reaches the world; a network without it is isolated."""

    mode: Annotated[
        Symbol | None,
        Attr(
            "forward/@mode",
            OneOf("nat", "route", "open", "bridge", "passthrough", "private", "vepa", "hostdev"),
            "How packets leave.",
            since="0.4.2",
        ),
    ] = None
    dev: Annotated[str | None, Attr("forward/@dev", NAME, "The one host interface that they leave by.", since="0.4.2")] = None
    managed: Annotated[
        bool | None, Attr("forward/@managed", YES_NO, "libvirt takes the virtual functions from the host; with hostdev.", since="0.10.0")
    ] = None
    pf: Annotated[str | None, Attr("forward/pf/@dev", NAME, "Physical function whose virtual functions are used.", since="0.9.10")] = None
    driver: Annotated[
        Symbol | None, Attr("forward/driver/@name", OneOf("vfio", "kvm"), "Driver of the virtual functions.", since="1.0.5")
    ] = None
    nat_ipv6: Annotated[bool | None, Attr("forward/nat/@ipv6", YES_NO, "IPv6 is translated too.", since="6.5.0")] = None
    nat_start: Annotated[
        str | None, Attr("forward/nat/address/@start", IP, "First source address of translated packets.", since="1.0.3")
    ] = None
    nat_end: Annotated[str | None, Attr("forward/nat/address/@end", IP, "Last source address.", since="1.0.3")] = None
    nat_port_start: Annotated[int | None, Attr("forward/nat/port/@start", PORT, "First source port.", since="1.0.3")] = None
    nat_port_end: Annotated[int | None, Attr("forward/nat/port/@end", PORT, "Last source port.", since="1.0.3")] = None
    interface: Annotated[tuple[ForwardInterface, ...], Many("Host interface of a pool.", since="0.9.4")] = ()
    address: Annotated[tuple[ForwardAddress, ...], Many("Virtual function of a pool.", since="0.10.0")] = ()


class BridgeOf(Block):
    """The bridge of the host that carries the network."""

    name: Annotated[str | None, Attr("bridge/@name", NAME, "Name of the bridge device.", since="0.3.0")] = None
    zone: Annotated[str | None, Attr("bridge/@zone", NAME, "Zone of firewalld.", since="5.1.0")] = None
    stp: Annotated[bool | None, Attr("bridge/@stp", ON_OFF, "Spanning tree protocol.", since="0.3.0")] = None
    delay: Annotated[Duration | None, Attr("bridge/@delay", SECONDS, "Forward delay.", since="0.3.0")] = None
    mac_table_manager: Annotated[
        Symbol | None, Attr("bridge/@macTableManager", OneOf("kernel", "libvirt"), "Who fills the address table.", since="1.2.11")
    ] = None


class DhcpRange(Block):
    """Addresses that are given out."""

    element = "dhcp/range"

    start: Annotated[str | None, Attr("@start", IP, "First address.", since="0.3.0")] = None
    end: Annotated[str | None, Attr("@end", IP, "Last address.", since="0.3.0")] = None
    lease: Annotated[int | None, Attr("lease/@expiry", Integer(0), "How long, in `lease-unit`s; 0 is for ever.", since="6.3.0")] = None
    lease_unit: Annotated[Symbol | None, Attr("lease/@unit", OneOf("seconds", "minutes", "hours"), "Unit of the lease.", since="6.3.0")] = (
        None
    )


class DhcpHost(Block):
    """A fixed address."""

    element = "dhcp/host"

    mac: Annotated[Symbol | None, Attr("@mac", MAC, "Of the guest's interface.", since="0.4.5")] = None
    id: Annotated[str | None, Attr("@id", TEXT, "DUID of the guest, for IPv6.", since="1.0.3")] = None
    name: Annotated[str | None, Attr("@name", NAME, "Host name that it is told.", since="0.4.5")] = None
    ip: Annotated[str | None, Attr("@ip", IP, "Its address.", since="0.4.5")] = None
    lease: Annotated[int | None, Attr("lease/@expiry", Integer(0), "How long, in `lease-unit`s; 0 is for ever.", since="6.3.0")] = None
    lease_unit: Annotated[Symbol | None, Attr("lease/@unit", OneOf("seconds", "minutes", "hours"), "Unit of the lease.", since="6.3.0")] = (
        None
    )


class NetworkIp(Block):
    """An address of the host on the network, and what it serves there."""

    element = "ip"

    address: Annotated[str | None, Attr("@address", IP, "Address of the host.", since="0.3.0")] = None
    netmask: Annotated[str | None, Attr("@netmask", IP, "Network mask; or `prefix`.", since="0.3.0")] = None
    prefix: Annotated[int | None, Attr("@prefix", Integer(0, 128), "Bits of the network.", since="0.8.7")] = None
    family: Annotated[Symbol | None, Attr("@family", FAMILY, "Address family; ipv4 if none is given.", since="0.8.7")] = None
    local_ptr: Annotated[bool | None, Attr("@localPtr", YES_NO, "Reverse look-ups are not forwarded.", since="3.0.0")] = None
    tftp: Annotated[str | None, Attr("tftp/@root", TEXT, "Directory that is served by TFTP.", since="0.7.1")] = None
    range: Annotated[tuple[DhcpRange, ...], Many("Addresses that are given out.", since="0.3.0")] = ()
    host: Annotated[tuple[DhcpHost, ...], Many("A fixed address.", since="0.4.5")] = ()
    bootp_file: Annotated[str | None, Attr("dhcp/bootp/@file", TEXT, "File that guests boot from.", since="0.7.1")] = None
    bootp_server: Annotated[str | None, Attr("dhcp/bootp/@server", TEXT, "Server that has it.", since="0.7.3")] = None


class Forwarder(Block):
    """Another name server."""

    element = "dns/forwarder"

    address: Annotated[str | None, Attr("@addr", IP, "Address of the server.", since="1.1.3")] = None
    domain: Annotated[str | None, Attr("@domain", NAME, "Domain that it is asked about.", since="2.2.0")] = None


class Srv(Block):
    """A service record."""

    element = "dns/srv"

    service: Annotated[str | None, Attr("@service", TEXT, "Service.", since="0.9.9")] = None
    protocol: Annotated[Symbol | None, Attr("@protocol", OneOf("tcp", "udp"), "Protocol.", since="0.9.9")] = None
    domain: Annotated[str | None, Attr("@domain", NAME, "Domain.", since="0.9.9")] = None
    target: Annotated[str | None, Attr("@target", TEXT, "Host that serves.", since="0.9.9")] = None
    port: Annotated[int | None, Attr("@port", PORT, "Its port.", since="0.9.9")] = None
    priority: Annotated[int | None, Attr("@priority", PORT, "Lower is asked first.", since="0.9.9")] = None
    weight: Annotated[int | None, Attr("@weight", PORT, "Share among equals.", since="0.9.9")] = None


class DnsHost(Block):
    """Names of an address."""

    element = "dns/host"

    ip: Annotated[str | None, Attr("@ip", IP, "Address.", since="0.9.3")] = None
    names: Annotated[tuple[str, ...] | None, Attr("hostname*", ListOf(NAME), "Its names.", since="0.9.3")] = None


class Dns(Block):
    """The name server of the network."""

    enable: Annotated[bool | None, Attr("dns/@enable", YES_NO, "Whether there is one.", since="2.2.0")] = None
    forward_plain_names: Annotated[
        bool | None, Attr("dns/@forwardPlainNames", YES_NO, "Names without a dot are asked of others.", since="1.1.2")
    ] = None
    forwarder: Annotated[tuple[Forwarder, ...], Many("Another name server.", since="1.1.3")] = ()
    txt: Annotated[Mapping[str, Value] | None, OpenMap(TEXT, "Text records by name.", place="dns/txt", key="@name", value="@value")] = None
    srv: Annotated[tuple[Srv, ...], Many("Service record.", since="0.9.9")] = ()
    host: Annotated[tuple[DnsHost, ...], Many("Names of an address.", since="0.9.3")] = ()


class PortGroup(Block):
    """A class of ports that interfaces choose by name."""

    element = "portgroup[@name=$label]"

    default: Annotated[bool | None, Attr("@default", YES_NO, "For interfaces that choose none.", since="0.9.4")] = None
    trust_guest_rx_filters: Annotated[
        bool | None, Attr("@trustGuestRxFilters", YES_NO, "Guests may change their own addresses.", since="1.2.10")
    ] = None
    virtualport: Annotated[VirtualPort | None, Sub("Port of a managed switch.", since="0.9.4")] = None
    bandwidth: Annotated[Bandwidth | None, Sub("Limits of an interface.", since="0.9.4")] = None
    vlan: Annotated[Vlan | None, Sub("VLAN of an interface.", since="0.10.0")] = None


class Network(Block):
    """A virtual network."""

    element = "network"
    xml_order = ("name", "uuid", "metadata", "forward", "bridge", "mtu", "mac", "domain", "dns", "vlan", "bandwidth", "port", "virtualport")

    name: Annotated[str | None, Attr("name", TEXT, "Name; the label of the block says it.", since="0.3.0")] = None
    uuid: Annotated[Symbol | None, Attr("uuid", UUID, "Identity.", since="0.3.0")] = None
    place: Annotated["Value | None", Attr(None, PLACE, "The host that it is placed on.")] = None
    autostart: Annotated[bool | None, Attr(None, YES_NO, "Started together with the host. Has no effect in this version.")] = None
    ipv6: Annotated[
        bool | None, Attr("@ipv6", YES_NO, "Guests speak IPv6 to each other without an address of the host.", since="1.0.1")
    ] = None
    trust_guest_rx_filters: Annotated[
        bool | None, Attr("@trustGuestRxFilters", YES_NO, "Guests may change their own addresses.", since="1.2.10")
    ] = None
    connections: Annotated[int | None, Attr("@connections", Integer(0), "Interfaces in use; live definitions only.")] = None
    forward: Annotated[Forward | None, Sub("How the network reaches the world.", since="0.4.2")] = None
    bridge: Annotated[BridgeOf | None, Sub("The bridge that carries it.", since="0.3.0")] = None
    mtu: Annotated[int | None, Attr("mtu/@size", Integer(0, 65535), "Largest frame.", since="3.1.0")] = None
    mac: Annotated[Symbol | None, Attr("mac/@address", MAC, "Of the bridge.", since="0.8.8")] = None
    domain: Annotated[str | None, Attr("domain/@name", NAME, "DNS domain of the guests.", since="0.4.5")] = None
    domain_local_only: Annotated[bool | None, Attr("domain/@localOnly", YES_NO, "Names of it are not asked of others.", since="1.2.12")] = (
        None
    )
    dns: Annotated[Dns | None, Sub("The name server.", since="0.9.3")] = None
    isolated: Annotated[bool | None, Attr("port/@isolated", YES_NO, "Guests cannot reach each other.", since="6.1.0")] = None
    virtualport: Annotated[VirtualPort | None, Sub("Port of a managed switch.", since="0.9.4")] = None
    bandwidth: Annotated[Bandwidth | None, Sub("Limits of the network as a whole.", since="0.9.4")] = None
    vlan: Annotated[Vlan | None, Sub("VLAN of all interfaces.", since="0.10.0")] = None
    portgroup: Annotated[tuple[PortGroup, ...], Many("A class of ports.", since="0.9.4")] = ()
    ip: Annotated[tuple[NetworkIp, ...], Many("An address of the host on it.", implied="ip0", since="0.3.0")] = ()
    route: Annotated[tuple[Route, ...], Many("A route of the host to networks behind it.", since="1.0.6")] = ()
    dnsmasq_options: Annotated[
        tuple[str, ...] | None,
        Attr("dnsmasq:options/dnsmasq:option*/@value", ListOf(TEXT), "Lines for dnsmasq that libvirt passes unread.", since="5.6.0"),
    ] = None

"""A network interface of the guest."""

from vmspec.model.block import Annotated, Attr, Block, Choice, Many, OpenMap, Sub
from vmspec.model.devices.device import Boot, Device, Virtio, WithRom
from vmspec.model.devices.kinds import ABSOLUTE, BYTES, COUNT, DEVICE_NAME, IP, KIB, KIB_PER_SECOND, MAC, PATH, PORT, POSITIVE, VLAN
from vmspec.model.devices.network import USB_ORDER, InterfaceSource, Ip, Route, Teaming, VirtualPort
from vmspec.model.kind import NAME, NWFILTER, ON_OFF, TEXT, YES_NO, Integer, ListOf, OneOf, ReadWords, Words
from vmspec.model.value import Rate, Size

KNOWN_MODELS = (
    "netfront", "rtl8139", "virtio", "e1000", "e1000e", "virtio-transitional", "virtio-non-transitional", "usb-net", "spapr-vlan",
    "lan9118", "scm91c111", "vlance", "vmxnet", "vmxnet2", "vmxnet3", "Am79C970A", "Am79C973", "82540EM", "82545EM", "82543GC",
)  # fmt: skip
"""Models that libvirt knows, in any case (VIR_ENUM_IMPL of virDomainNetModel, src/conf/domain_conf.c 9.0.0)."""
VARIABLE = Words(r"[a-zA-Z0-9_.:]+", "letters, digits and `_.:`", symbol=True)


class Traffic(Block):
    """The limits of one direction; `average` or `floor` must be said."""

    average: Annotated[Rate | None, Attr("@average", KIB_PER_SECOND, "Mean rate.", since="0.9.4")] = None
    peak: Annotated[Rate | None, Attr("@peak", KIB_PER_SECOND, "Highest rate.", since="0.9.4")] = None
    floor: Annotated[
        Rate | None, Attr("@floor", KIB_PER_SECOND, "Least rate that the host's network keeps for it; inbound only.", since="1.0.1")
    ] = None
    burst: Annotated[Size | None, Attr("@burst", KIB, "How much may go at the highest rate.", since="0.9.4")] = None


class Inbound(Traffic):
    """Towards the guest."""

    element = "inbound"


class Outbound(Traffic):
    """From the guest."""

    element = "outbound"


class Bandwidth(Block):
    """Limits on the traffic."""

    element = "bandwidth"

    class_id: Annotated[int | None, Attr("@classID", POSITIVE, "Class of the traffic shaper; libvirt writes it.")] = None
    inbound: Annotated[Inbound | None, Sub("Towards the guest.", since="0.9.4")] = None
    outbound: Annotated[Outbound | None, Sub("From the guest.", since="0.9.4")] = None


class Vlan(Block):
    """VLANs of an Open vSwitch port, a virtual function or a macvtap in passthrough mode."""

    element = "vlan"
    main = "tags"

    trunk: Annotated[
        bool | None, Attr("@trunk", YES_NO, "Whether the port is a trunk; with several tags it always is.", since="0.10.0")
    ] = None
    tags: Annotated[
        tuple[int | str, ...], Attr("tag*", ListOf(VLAN), 'VLAN numbers; the native one of a trunk as "42/untagged".', since="0.10.0")
    ] = ()


class HostOffload(Block):
    """What the host's side of a virtio card may leave to the hardware."""

    element = "driver/host"

    csum: Annotated[bool | None, Attr("@csum", ON_OFF, "Checksums.", since="1.2.9")] = None
    gso: Annotated[bool | None, Attr("@gso", ON_OFF, "Generic segmentation.", since="1.2.9")] = None
    tso4: Annotated[bool | None, Attr("@tso4", ON_OFF, "TCP segmentation over IPv4.", since="1.2.9")] = None
    tso6: Annotated[bool | None, Attr("@tso6", ON_OFF, "TCP segmentation over IPv6.", since="1.2.9")] = None
    ecn: Annotated[bool | None, Attr("@ecn", ON_OFF, "Segmentation with congestion notification.", since="1.2.9")] = None
    ufo: Annotated[bool | None, Attr("@ufo", ON_OFF, "UDP fragmentation.", since="1.2.9")] = None
    mrg_rxbuf: Annotated[bool | None, Attr("@mrg_rxbuf", ON_OFF, "Mergeable receive buffers.", since="1.2.13")] = None


class GuestOffload(Block):
    """What the guest may be handed unfinished."""

    element = "driver/guest"

    csum: Annotated[bool | None, Attr("@csum", ON_OFF, "Packets without checksums.", since="1.2.9")] = None
    tso4: Annotated[bool | None, Attr("@tso4", ON_OFF, "Unsegmented TCP over IPv4.", since="1.2.9")] = None
    tso6: Annotated[bool | None, Attr("@tso6", ON_OFF, "Unsegmented TCP over IPv6.", since="1.2.9")] = None
    ecn: Annotated[bool | None, Attr("@ecn", ON_OFF, "Unsegmented packets with congestion notification.", since="1.2.9")] = None
    ufo: Annotated[bool | None, Attr("@ufo", ON_OFF, "Unfragmented UDP.", since="1.2.9")] = None


class Backend(Block):
    """What serves the interface on the host."""

    element = "backend"
    main = "type"

    type: Annotated[
        str | None, Attr("@type", OneOf("default", "passt"), "Backend of a user network: QEMU's own or passt.", since="9.0.0")
    ] = None
    tap: Annotated[str | None, Attr("@tap", ABSOLUTE, "Path of the tun/tap device.", since="1.2.9")] = None
    vhost: Annotated[str | None, Attr("@vhost", ABSOLUTE, "Path of the vhost device.", since="1.2.9")] = None
    log_file: Annotated[str | None, Attr("@logFile", ABSOLUTE, "Log file of passt.", since="9.0.0")] = None
    hostname: Annotated[str | None, Attr("@hostname", NAME, "Host name that passt gives the guest.", since="11.8.0")] = None
    fqdn: Annotated[str | None, Attr("@fqdn", NAME, "Full domain name that passt gives the guest.", since="11.8.0")] = None


class PortRange(Block):
    """Ports that are forwarded, or left out."""

    element = "range"

    start: Annotated[int | None, Attr("@start", PORT, "First port on the host.", since="9.0.0")] = None
    end: Annotated[int | None, Attr("@end", PORT, "Last port on the host; the first unless said.", since="9.0.0")] = None
    to: Annotated[int | None, Attr("@to", PORT, "First port in the guest; the same unless said.", since="9.0.0")] = None
    exclude: Annotated[bool | None, Attr("@exclude", YES_NO, "Whether these ports are left out.", since="9.0.0")] = None


class PortForward(Block):
    """Ports of the host that passt forwards to the guest."""

    element = "portForward"

    proto: Annotated[str | None, Attr("@proto", OneOf("tcp", "udp"), "Protocol.", since="9.0.0")] = None
    address: Annotated[str | None, Attr("@address", IP, "Address of the host to listen on; all unless said.", since="9.0.0")] = None
    dev: Annotated[str | None, Attr("@dev", DEVICE_NAME, "Interface of the host to listen on.", since="9.0.0")] = None
    range: Annotated[tuple[PortRange, ...], Many("The ports; all unless said.", implied="range0", since="9.0.0")] = ()


class Filterref(Block):
    """A packet filter of libvirt (nwfilter) on the interface."""

    element = "filterref"
    main = "filter"

    filter: Annotated[str | None, Attr("@filter", NWFILTER, "The filter.", since="0.8.0")] = None
    parameters: Annotated[
        dict[str, tuple[str, ...]] | None,
        OpenMap(ListOf(VARIABLE), "Variables of the filter; a list gives several values.", place="parameter", key="@name", value="@value"),
    ] = None


class Tune(Block):
    """Knobs of the tap device."""

    element = "tune"

    sndbuf: Annotated[Size | None, Attr("sndbuf", BYTES, "Send buffer in the host, in bytes; 0B is no limit.", since="0.8.8")] = None


class Coalesce(Block):
    """How received packets are gathered before an interrupt."""

    element = "coalesce"

    rx_frames: Annotated[int | None, Attr("rx/frames/@max", COUNT, "Packets before an interrupt.", since="3.3.0")] = None


class Interface(Virtio, Boot, WithRom, Device):
    """A network interface of the guest."""

    element = "devices/interface"
    xml_order = USB_ORDER

    trust_guest_rx_filters: Annotated[
        bool | None, Attr("@trustGuestRxFilters", YES_NO, "Whether the host follows the guest's own MAC filters.", since="1.2.10")
    ] = None
    mac: Annotated[str | None, Attr("mac/@address", MAC, "MAC address; derived from the label unless said.")] = None
    mac_type: Annotated[
        str | None, Attr("mac/@type", OneOf("generated", "static"), "Whether VMware may change the MAC.", since="6.6.0")
    ] = None
    mac_check: Annotated[bool | None, Attr("mac/@check", YES_NO, "Whether VMware checks the range of the MAC.", since="6.6.0")] = None
    mac_current: Annotated[
        str | None, Attr("mac/@currentAddress", MAC, "MAC that the guest has set; running guests only.", since="11.2.0")
    ] = None
    source: Annotated[InterfaceSource | None, Choice("@type", "Where the packets go: bridge, network, direct and others.")] = None
    virtualport: Annotated[VirtualPort | None, Sub("What a managed switch wants to know.", since="0.8.2")] = None
    ip: Annotated[tuple[Ip, ...], Many("Addresses in the guest (containers, passt).", implied="ip0", since="1.2.12")] = ()
    route: Annotated[tuple[Route, ...], Many("Routes in the guest (containers).", implied="route0", since="1.2.12")] = ()
    port_forward: Annotated[
        tuple[PortForward, ...], Many("Ports of the host that reach the guest (passt).", implied="forward0", since="9.0.0")
    ] = ()
    script: Annotated[str | None, Attr("script/@path", PATH, "Script that sets up an ethernet interface.")] = None
    downscript: Annotated[str | None, Attr("downscript/@path", PATH, "Script that takes it down.", since="5.1.0")] = None
    backend_domain: Annotated[str | None, Attr("backenddomain/@name", TEXT, "Xen domain that serves the interface.", since="1.2.13")] = None
    target: Annotated[str | None, Attr("target/@dev", DEVICE_NAME, "Name of the device on the host; `vnetN` is dropped by libvirt.")] = None
    target_managed: Annotated[
        bool | None, Attr("target/@managed", YES_NO, "Whether libvirt makes and removes that device.", since="5.7.0")
    ] = None
    guest_name: Annotated[str | None, Attr("guest/@dev", DEVICE_NAME, "Name of the device in a container.", since="1.2.7")] = None
    guest_actual: Annotated[str | None, Attr("guest/@actual", DEVICE_NAME, "The name that it got; running guests only.")] = None
    model: Annotated[
        str | None,
        Attr(
            "model/@type",
            ReadWords(r"[a-zA-Z0-9\-_]+", "a model of a network card", symbol=True),
            "Model of the card.",
            default="virtio",
        ),
    ] = None
    driver: Annotated[
        str | None,
        Attr(
            "driver/@name",
            OneOf("qemu", "vhost", "vfio", "kvm", "xen"),
            "Who moves the packets of a virtio card; of a hostdev, who binds it.",
            since="0.8.8",
        ),
    ] = None
    driver_model: Annotated[str | None, Attr("driver/@model", NAME, "Variant driver of the kernel for a hostdev.", since="10.0.0")] = None
    iommufd: Annotated[bool | None, Attr("driver/@iommufd", YES_NO, "Whether VFIO uses iommufd for a hostdev.", since="12.1.0")] = None
    queues: Annotated[
        int | None, Attr("driver/@queues", POSITIVE, "Number of queue pairs; at most one for each vCPU is useful.", since="1.0.6")
    ] = None
    rx_queue_size: Annotated[
        int | None,
        Attr("driver/@rx_queue_size", POSITIVE, "Entries of each receive queue; a power of two from 256 to 1024.", since="2.3.0"),
    ] = None
    tx_queue_size: Annotated[
        int | None, Attr("driver/@tx_queue_size", POSITIVE, "Entries of each send queue; vhostuser only.", since="3.7.0")
    ] = None
    txmode: Annotated[
        str | None, Attr("driver/@txmode", OneOf("iothread", "timer"), "How packets are sent; best left out.", since="0.8.8")
    ] = None
    ioeventfd: Annotated[
        bool | None, Attr("driver/@ioeventfd", ON_OFF, "Whether packets leave the vCPU's thread at once; best left out.", since="0.9.3")
    ] = None
    event_idx: Annotated[bool | None, Attr("driver/@event_idx", ON_OFF, "Fewer interrupts and exits; best left out.", since="0.9.5")] = None
    rss: Annotated[bool | None, Attr("driver/@rss", ON_OFF, "Receive-side scaling by the guest.", since="8.3.0")] = None
    rss_hash_report: Annotated[bool | None, Attr("driver/@rss_hash_report", ON_OFF, "Whether packets carry their hash.", since="8.3.0")] = (
        None
    )
    host_offload: Annotated[HostOffload | None, Sub("Offloads towards the host.", since="1.2.9")] = None
    guest_offload: Annotated[GuestOffload | None, Sub("Offloads towards the guest.", since="1.2.9")] = None
    backend: Annotated[Backend | None, Sub("What serves the interface on the host.", since="1.2.9")] = None
    filterref: Annotated[Filterref | None, Sub("Packet filter.", since="0.8.0")] = None
    tune: Annotated[Tune | None, Sub("Knobs of the tap device.", since="0.8.8")] = None
    bandwidth: Annotated[Bandwidth | None, Sub("Limits on the traffic.", since="0.9.4")] = None
    vlan: Annotated[Vlan | None, Sub("VLANs of the port.", since="0.10.0")] = None
    isolated: Annotated[
        bool | None, Attr("port/@isolated", YES_NO, "Whether guests on the bridge do not see one another.", since="6.1.0")
    ] = None
    link: Annotated[str | None, Attr("link/@state", OneOf("up", "down"), "State of the link.", since="0.9.5")] = None
    mtu: Annotated[int | None, Attr("mtu/@size", Integer(0, 65535), "Largest packet, in bytes.", since="3.1.0")] = None
    coalesce: Annotated[Coalesce | None, Sub("Gathering of interrupts.", since="3.3.0")] = None
    teaming: Annotated[Teaming | None, Sub("Its partner in a bond of the guest.", since="6.1.0")] = None

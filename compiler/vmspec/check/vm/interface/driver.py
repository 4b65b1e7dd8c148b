"""The interface's model, driver and queues."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.base.suggest import likeliest, question
from vmspec.check.queries.interfaces import is_virtio
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import HostdevSource, HostdevUsbSource

_SINGLE = ("user", "server", "client", "mcast", "udp", "internal", "null")


@rule(4407, "interface-queues-on-user", phase=Phase.START, needs="queues")
def queues_on_user(interface: Interface) -> Iterator[Finding]:
    """
    What: `queues` above 1 on a user network, or one over sockets or vDPA-free tunnels.
    Why: Only tap and vhost-user devices have several queues; libvirt 9.0.0 refuses others at start ("Multiqueue network is not supported
    for: user", qemuBuildInterfaceCommandLine, src/qemu/qemu_command.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: unsupported configuration: interface 52:54:00:a9:6d:42 -
    multiqueue is not supported for network interfaces of type user.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = user(); queues = 2 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); queues = 2 } }
    """
    if interface.queues and interface.queues > 1 and interface.source is not None and interface.source.tag in _SINGLE:
        yield Finding(
            ("interface", interface.label, "queues"), f"{with_article(interface.source.tag)} network has one queue, not {interface.queues}"
        )


_OPTIONS = (
    "queues",
    "rx_queue_size",
    "tx_queue_size",
    "txmode",
    "ioeventfd",
    "event_idx",
    "rss",
    "rss_hash_report",
    "host_offload",
    "guest_offload",
)


@rule(
    4408,
    "interface-driver-needs-virtio",
    phase=Phase.ACCEPTED,
    severity=Severity.WARNING,
    needs=("queues rx_queue_size tx_queue_size txmode ioeventfd event_idx rss rss_hash_report host_offload guest_offload"),
)
def driver_needs_virtio(interface: Interface) -> Iterator[Finding]:
    """
    What: Driver options of virtio on a card of another model.
    Why: libvirt reads them for virtio cards only and drops them otherwise without a word (virDomainNetDefParseXML, src/conf/domain_conf.c
    9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); model = e1000e; queues = 2 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); model = virtio; queues = 2 } }
    """
    if is_virtio(interface) or isinstance(interface.source, (HostdevSource, HostdevUsbSource)):
        return
    for option in _OPTIONS:
        if getattr(interface, option) is not None:
            name = option.replace("_", "-")
            yield Finding(
                ("interface", interface.label, name),
                f"{name} has no effect on a card of model {interface.model or 'rtl8139'}",
                help="set model = virtio",
            )


@rule(4409, "interface-virtio-options-model", phase=Phase.DEFINE, needs="iommu ats packed page_per_vq")
def virtio_options_model(interface: Interface) -> Iterator[Finding]:
    """
    What: `iommu`, `ats`, `packed` or `page-per-vq` on a card that is not virtio.
    Why: libvirt 9.0.0 refuses them at define (virDomainCheckVirtioOptionsAreAbsent, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: packed driver option is only supported for virtio
    devices.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); model = e1000e; packed = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); model = virtio; packed = true } }
    """
    if is_virtio(interface):
        return
    for option in ("iommu", "ats", "packed", "page_per_vq"):
        if getattr(interface, option) is not None:
            name = option.replace("_", "-")
            yield Finding(
                ("interface", interface.label, name), f"{name} is an option of virtio cards, not of {interface.model or 'rtl8139'}"
            )


@rule(4410, "interface-queue-size-power-of-two", phase=Phase.DEFINE, needs="rx_queue_size tx_queue_size")
def queue_size_power_of_two(interface: Interface) -> Iterator[Finding]:
    """
    What: `rx-queue-size` or `tx-queue-size` is not a power of two.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefNetwork, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: rx_queue_size has to be a power of two.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); rx-queue-size = 1000 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); rx-queue-size = 1024 } }
    """
    if is_virtio(interface):
        for name, size in (("rx-queue-size", interface.rx_queue_size), ("tx-queue-size", interface.tx_queue_size)):
            if size and size & (size - 1):
                yield Finding(
                    ("interface", interface.label, name), f"{name} {size} is not a power of two", instead=str(1 << (size.bit_length() - 1))
                )


@rule(4411, "interface-queue-size-range", phase=Phase.START, needs="rx_queue_size tx_queue_size")
def queue_size_range(interface: Interface) -> Iterator[Finding]:
    """
    What: `rx-queue-size` or `tx-queue-size` is a power of two outside 256–1024; or `tx-queue-size` is above 256 on something else than
    vhost-user or vDPA.
    Why: QEMU refuses the first at start ("Invalid rx_queue_size, must be a power of 2 between 256 and 1024", hw/net/virtio-net.c of QEMU
    7.2) and quietly uses 256 for the second.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); rx-queue-size = 128 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); rx-queue-size = 256 } }
    """
    if not is_virtio(interface):
        return
    for name, size in (("rx-queue-size", interface.rx_queue_size), ("tx-queue-size", interface.tx_queue_size)):
        if size and not size & (size - 1) and not 256 <= size <= 1024:
            yield Finding(
                ("interface", interface.label, name), f"{name} {size} is not between 256 and 1024", instead="256" if size < 256 else "1024"
            )


_KNOWN = (
    "virtio", "virtio-transitional", "virtio-non-transitional", "virtio-net-pci", "virtio-net-pci-transitional",
    "virtio-net-pci-non-transitional", "virtio-net-device", "virtio-net-ccw", "e1000", "e1000e", "e1000-82544gc", "e1000-82545em", "igb",
    "rtl8139", "pcnet", "ne2k_pci", "ne2k_isa", "vmxnet3", "usb-net", "lan9118", "smc91c111", "spapr-vlan", "sungem", "tulip", "netfront",
    "i82550", "i82551", "i82557a", "i82557b", "i82557c", "i82558a", "i82558b", "i82559a", "i82559b", "i82559c", "i82559er", "i82562",
    "i82801",
)  # fmt: skip


@rule(4424, "interface-unknown-model", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="model")
def unknown_model(interface: Interface) -> Iterator[Finding]:
    """
    What: `model` is not among the cards of QEMU for x86 guests.
    Why: libvirt passes any model on at define (virDomainNetDefParseXML keeps it as text, src/conf/domain_conf.c 9.0.0); QEMU refuses
    unknown ones at start.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); model = virtoi } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); model = virtio } }
    """
    if interface.model and interface.model not in _KNOWN:
        close = likeliest(interface.model, _KNOWN)
        yield Finding(
            ("interface", interface.label, "model"),
            f"{interface.model} is no network card of QEMU",
            help=question(close) if close else None,
            instead=close,
        )


@rule(4432, "interface-driver-name", phase=Phase.DEFINE, needs="driver")
def driver_name(interface: Interface) -> Iterator[Finding]:
    """
    What: `driver = vfio`, `kvm` or `xen` on a virtio card, or `qemu` or `vhost` on an interface of type hostdev.
    Why: Of a card the driver moves packets, of a host device it binds the device; libvirt 9.0.0 refuses the other kind's at define
    (virDomainNetDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid value for attribute 'name' in element 'driver': 'vfio'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); driver = vfio } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); driver = vhost } }
    """
    here = ("interface", interface.label, "driver")
    if interface.driver in ("vfio", "kvm", "xen") and is_virtio(interface):
        yield Finding(here, f"a virtio card is driven by qemu or vhost, not {interface.driver}")
    elif interface.driver in ("qemu", "vhost") and isinstance(interface.source, HostdevSource):
        yield Finding(here, f"a host device is bound by vfio, not {interface.driver}", instead="vfio")

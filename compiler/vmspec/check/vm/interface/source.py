"""What an interface is connected to, and the backends that do it."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.check.queries.interfaces import is_virtio
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import BridgeSource, DirectSource, NetworkSource, VdpaSource, VhostUserSource


def by_passt(interface: Interface) -> str:
    """The version from which passt serves a vhost-user interface, with a socket that libvirt names (NEWS.rst 11.1.0); "" for any other."""
    passt = interface.backend is not None and interface.backend.type == "passt"
    return "11.1.0" if passt and isinstance(interface.source, VhostUserSource) else ""


@rule(4406, "interface-source-missing", phase=Phase.DEFINE)
def source_missing(interface: Interface) -> Iterator[Finding]:
    """
    What: An interface has no source, or its bridge, network or card has no name.
    Why: libvirt 9.0.0 refuses it at define (virDomainNetDefParseXML and virDomainNetDefParseXMLRequireSource, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { model = virtio } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { model = virtio; source = bridge("br0") } }
    """
    source = interface.source
    if source is None and "@type" in interface.raw:
        return  # of a kind that nobody knows (4950)
    if source is None:
        yield Finding(
            ("interface", interface.label),
            f"interface {interface.label} has no source",
            help='write source = bridge("br0"), network("default") or user()',
        )
        return
    missing = (
        (isinstance(source, BridgeSource) and not source.bridge)
        or (isinstance(source, NetworkSource) and not source.network)
        or (isinstance(source, (DirectSource, VdpaSource)) and not source.dev)
        or (isinstance(source, VhostUserSource) and not source.path)
    )
    if missing:
        message = f"{source.tag}() needs the name of what it leads to"
        yield Finding(("interface", interface.label, "source"), message, until=by_passt(interface))


@rule(4421, "interface-vhostuser-model", phase=Phase.DEFINE, needs="source")
def vhostuser_model(interface: Interface) -> Iterator[Finding]:
    """
    What: A vhost-user interface has another model than virtio, or its server reconnects.
    Why: vhost-user speaks virtio; libvirt 9.0.0 refuses other models, and `reconnect` with `mode = server`, at define
    (virDomainNetDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Wrong or no <model> 'type' attribute specified with <interface
    type='vhostuser'/>. vhostuser requires the virtio-net* frontend.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          interface eth0 { source = vhostuser("/run/a.sock", mode = server); model = e1000e }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          interface eth0 { source = vhostuser("/run/a.sock", mode = server); model = virtio }
        }
    """
    source = interface.source
    if not isinstance(source, VhostUserSource):
        return
    if not is_virtio(interface):
        yield Finding(
            ("interface", interface.label, "model"),
            f"a vhost-user port needs model = virtio, not {interface.model or 'rtl8139'}",
            instead="virtio",
            until=by_passt(interface),
        )
    if source.mode == "server" and source.reconnect is not None and source.reconnect.enabled:
        yield Finding(("interface", interface.label, "source", "reconnect"), "a server waits to be called and does not reconnect")


@rule(4422, "interface-isolated-source", phase=Phase.DEFINE, needs="isolated")
def isolated_source(interface: Interface) -> Iterator[Finding]:
    """
    What: `isolated` on an interface that is not on a bridge or network, or has a virtual port.
    Why: Isolation is a flag of Linux bridge ports; libvirt 9.0.0 refuses it elsewhere at define (virDomainNetDefValidatePortOptions,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: interface 52:54:00:88:ba:eb - <port isolated='yes'/> is
    not supported for network interfaces with type='direct'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = direct("eth0", bridge); isolated = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); isolated = true } }
    """
    if interface.isolated and interface.source is not None:
        if interface.source.tag not in ("bridge", "network"):
            yield Finding(
                ("interface", interface.label, "isolated"), f"{with_article(interface.source.tag)} interface is no port of a Linux bridge"
            )
        elif interface.virtualport is not None and interface.virtualport.type is not None:
            yield Finding(("interface", interface.label, "isolated"), f"a port of {interface.virtualport.type} cannot be isolated")


@rule(4423, "interface-coalesce-source", phase=Phase.DEFINE, needs="coalesce")
def coalesce_source(interface: Interface) -> Iterator[Finding]:
    """
    What: `coalesce` on an interface that is not on a bridge or network.
    Why: It is a setting of the tap device; libvirt 9.0.0 refuses it elsewhere at define (qemuValidateNetSupportsCoalesce,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: coalesce settings on interface type direct are not
    supported.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = direct("eth0", bridge); coalesce { rx-frames = 7 } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); coalesce { rx-frames = 7 } } }
    """
    said = interface.coalesce is not None and interface.coalesce.rx_frames is not None
    if said and interface.source is not None and interface.source.tag not in ("bridge", "network"):
        yield Finding(
            ("interface", interface.label, "coalesce"), f"{with_article(interface.source.tag)} interface cannot coalesce interrupts"
        )


@rule(4428, "interface-passt-source", phase=Phase.DEFINE, needs="backend port_forward")
def passt_source(interface: Interface) -> Iterator[Finding]:
    """
    What: The backend passt on an interface that is not a user network.
    Why: libvirt 9.0.0 refuses it at define (virDomainNetDefValidate, src/conf/domain_validate.c; vhost-user with passt came with 11.1.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid value for attribute 'type' in element 'backend': 'passt'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); backend { type = passt } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = user(); backend { type = passt } } }
    """
    passt = interface.backend is not None and interface.backend.type == "passt"
    if passt and interface.source is not None and interface.source.tag not in ("user", "vhostuser"):
        yield Finding(
            ("interface", interface.label, "backend", "type"),
            f"passt serves user networks, not {with_article(interface.source.tag)} interface",
        )
    for forward in interface.port_forward:
        for ports in forward.range:
            if ports.start is None and (ports.end is not None or ports.to is not None or ports.exclude is not None):
                yield Finding(
                    ("interface", interface.label, "port-forward", forward.label, "range", ports.label),
                    "a range of forwarded ports needs start",
                )


@rule(4430, "interface-vdpa-model", phase=Phase.DEFINE, needs="source")
def vdpa_model(interface: Interface) -> Iterator[Finding]:
    """
    What: A vDPA interface has another model than virtio.
    Why: The device itself speaks virtio; libvirt 9.0.0 refuses other models at define (qemuValidateDomainDeviceDefNetwork,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: invalid model for interface of type 'vdpa': 'e1000e'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = vdpa("/dev/vhost-vdpa-0"); model = e1000e } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = vdpa("/dev/vhost-vdpa-0"); model = virtio } }
    """
    if isinstance(interface.source, VdpaSource) and interface.model and interface.model.lower() != "virtio":
        yield Finding(("interface", interface.label, "model"), f"a vDPA device is a virtio card, not {interface.model}", instead="virtio")


@rule(4433, "interface-port-forward-backend", phase=Phase.ACCEPTED, needs="port_forward")
def port_forward_backend(interface: Interface) -> Iterator[Finding]:
    """
    What: Ports are forwarded on an interface that passt does not serve.
    Why: Only passt forwards ports (libvirt 9.0.0 docs/formatdomain.rst, "Userspace connection using passt"); 9.10.0 refuses
    the rest at define (src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define takes it, and the command line of QEMU has nothing of it.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = user(); port-forward ssh { proto = tcp; range r0 { start = 8022; to = 22 } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = user(); backend { type = passt }; port-forward ssh { proto = tcp; range r0 { start = 8022; to = 22 } } }
        }
    """
    passt = interface.backend is not None and interface.backend.type == "passt"
    if interface.port_forward and not passt:
        kind = interface.source.tag if interface.source is not None else "such"
        yield Finding(
            ("interface", interface.label, "port-forward", interface.port_forward[0].label),
            f"nothing forwards ports on {with_article(kind)} interface without passt",
            help="say backend { type = passt } on a user network",
            refused="9.10.0",
        )

"""The host's end of a character device, shared by serial ports, consoles, channels, smartcards, redirection and rng."""

from typing import TypeAlias

from vmspec.model.block import Annotated, Attr, Block, Choice, Many, Sub
from vmspec.model.devices.device import Device
from vmspec.model.devices.kinds import ABSOLUTE, PATH
from vmspec.model.devices.storage_parts import Reconnect, SecurityLabel
from vmspec.model.kind import NAME, ON_OFF, TEXT, YES_NO, OneOf, Words

SERVICE = Words(r"[^\s]+", "a port or the name of a service", symbol=True)


class Labelled(Block):
    """A path of the host that libvirt labels."""

    seclabel: Annotated[tuple[SecurityLabel, ...], Many("Security labels of this path.", at="source/seclabel", since="1.2.16")] = ()


class PtySource(Labelled):
    """A pseudo terminal of the host, which `virsh console` opens."""

    tag = "pty"
    positional = ("path",)

    path: Annotated[str | None, Attr("source/@path", PATH, "Its path; libvirt writes it.")] = None


class DevSource(Labelled):
    """A character device of the host."""

    tag = "dev"
    positional = ("path",)

    path: Annotated[str | None, Attr("source/@path", PATH, "Path of the device.")] = None


class FileSource(Labelled):
    """A file that takes what the guest writes."""

    tag = "file"
    positional = ("path",)

    path: Annotated[str | None, Attr("source/@path", PATH, "Path of the file.")] = None
    append: Annotated[bool | None, Attr("source/@append", ON_OFF, "Whether what is there is kept.", since="1.3.1")] = None


class PipeSource(Labelled):
    """A named pipe of the host."""

    tag = "pipe"
    positional = ("path",)

    path: Annotated[str | None, Attr("source/@path", PATH, "Path of the pipe.")] = None


class StdioSource(Block):
    """Standard input and output of the process."""

    tag = "stdio"

    path: Annotated[str | None, Attr("source/@path", PATH, "Unused; libvirt's schema allows it.")] = None


class VcSource(Block):
    """A virtual console of a graphical window."""

    tag = "vc"

    path: Annotated[str | None, Attr("source/@path", PATH, "Unused; libvirt's schema allows it.")] = None


class NullSource(Block):
    """Nothing: what the guest writes is dropped."""

    tag = "null"

    path: Annotated[str | None, Attr("source/@path", PATH, "Unused; libvirt's schema allows it.")] = None


class Protocolled(Block):
    """A source whose bytes may be wrapped in a protocol."""

    protocol: Annotated[
        str | None,
        Attr(
            "protocol/@type",
            OneOf("raw", "telnet", "telnets", "tls"),
            "Protocol on the connection; telnets and tls are encrypted.",
            since="0.8.5",
        ),
    ] = None


class UnixSource(Labelled, Protocolled):
    """A Unix socket."""

    tag = "unix"
    positional = ("path",)

    mode: Annotated[str | None, Attr("source/@mode", OneOf("bind", "connect"), "bind: QEMU listens; connect: QEMU calls.")] = None
    path: Annotated[str | None, Attr("source/@path", PATH, "Path of the socket; libvirt chooses that of a guest agent.")] = None
    reconnect: Annotated[Reconnect | None, Sub("Whether a caller calls again.", at="source/reconnect", since="3.7.0")] = None


class TcpSource(Protocolled):
    """A TCP connection."""

    tag = "tcp"
    positional = ("host", "service")

    mode: Annotated[str | None, Attr("source/@mode", OneOf("bind", "connect"), "bind: QEMU listens; connect: QEMU calls.")] = None
    host: Annotated[str | None, Attr("source/@host", NAME, "Address to listen on or to call.")] = None
    service: Annotated[str | None, Attr("source/@service", SERVICE, "Port, or the name of a service.")] = None
    tls: Annotated[
        bool | None, Attr("source/@tls", YES_NO, "Whether the connection is encrypted with QEMU's certificates.", since="2.4.0")
    ] = None
    reconnect: Annotated[Reconnect | None, Sub("Whether a caller calls again.", at="source/reconnect", since="3.7.0")] = None


class UdpSource(Protocolled):
    """Datagrams both ways."""

    tag = "udp"
    positional = ("host", "service")

    bind_host: Annotated[str | None, Attr("source[@mode='bind']/@host", NAME, "Address to receive on.")] = None
    bind_service: Annotated[str | None, Attr("source[@mode='bind']/@service", SERVICE, "Port to receive on.")] = None
    host: Annotated[str | None, Attr("source[@mode='connect']/@host", NAME, "Address to send to.")] = None
    service: Annotated[str | None, Attr("source[@mode='connect']/@service", SERVICE, "Port to send to.")] = None


class SpiceVmcSource(Block):
    """The guest's agent in the Spice session."""

    tag = "spicevmc"

    path: Annotated[str | None, Attr("source/@path", PATH, "Unused; libvirt's schema allows it.")] = None


class SpicePortSource(Block):
    """A channel of the Spice session under a name of its own."""

    tag = "spiceport"
    positional = ("channel",)

    channel: Annotated[str | None, Attr("source/@channel", TEXT, "Name of the channel.", since="1.2.2")] = None


class NmdmSource(Block):
    """A null modem of bhyve."""

    tag = "nmdm"
    positional = ("master", "slave")

    master: Annotated[str | None, Attr("source/@master", PATH, "The guest's end.", since="1.2.4")] = None
    slave: Annotated[str | None, Attr("source/@slave", PATH, "The host's end.", since="1.2.4")] = None


class VdagentSource(Block):
    """QEMU's own Spice agent, for VNC and D-Bus displays."""

    tag = "qemu-vdagent"

    clipboard: Annotated[bool | None, Attr("source/clipboard/@copypaste", YES_NO, "Whether the clipboard is shared.", since="8.4.0")] = None
    mouse: Annotated[str | None, Attr("source/mouse/@mode", OneOf("server", "client"), "Who draws the pointer.", since="8.4.0")] = None


class DbusSource(Block):
    """A channel of the D-Bus display."""

    tag = "dbus"
    positional = ("channel",)

    channel: Annotated[str | None, Attr("source/@channel", TEXT, "Name of the channel.", since="8.4.0")] = None


CharSource: TypeAlias = (
    PtySource | DevSource | FileSource | PipeSource | StdioSource | VcSource | NullSource | UnixSource | TcpSource | UdpSource
    | SpiceVmcSource | SpicePortSource | NmdmSource | VdagentSource | DbusSource
)  # fmt: skip


class CharLog(Block):
    """A file that keeps what the guest writes, whatever the source."""

    element = "log"
    main = "file"

    file: Annotated[str | None, Attr("@file", ABSOLUTE, "Path of the file.", since="1.3.3")] = None
    append: Annotated[bool | None, Attr("@append", ON_OFF, "Whether what is there is kept.", since="1.3.3")] = None


class Logged(Block):
    """A character device whose output may be logged."""

    log: Annotated[CharLog | None, Sub("Where the output is kept.", since="1.3.3")] = None


class CharDevice(Logged, Device):
    """A character device with a host's end."""

    source: Annotated[CharSource | None, Choice("@type", "The host's end: pty, unix, tcp, file and others.")] = None


class Port(CharDevice):
    """A character device at a numbered port."""

    tty: Annotated[str | None, Attr("@tty", ABSOLUTE, "Pseudo terminal, in libvirt's old form; it writes it.")] = None
    port: Annotated[str | None, Attr("target/@port", SERVICE, "Number of the port.")] = None


SERIAL_TARGETS = ("isa-serial", "usb-serial", "pci-serial", "spapr-vio-serial", "system-serial", "sclp-serial", "isa-debug")
CONSOLE_TARGETS = ("xen", "serial", "uml", "virtio", "lxc", "openvz", "sclp", "sclplm")
TARGET_TYPES = (*SERIAL_TARGETS, *CONSOLE_TARGETS)
"""libvirt's schema has one list for both (domaincommon.rng 9.0.0, qemucdevTgtDef)."""
MODELS = OneOf("isa-serial", "usb-serial", "pci-serial", "spapr-vty", "pl011", "16550a", "sclpconsole", "sclplmconsole", "isa-debugcon")


class TargetKind(Block):
    """What the guest takes a character device for."""

    target: Annotated[str | None, Attr("target/@type", OneOf(*TARGET_TYPES), "Kind of the device in the guest.", since="1.0.2")] = None
    model: Annotated[str | None, Attr("target/model/@name", MODELS, "Model of the device.", since="3.10.0")] = None


class Target(TargetKind, Port):
    """A character device with a type and a model in the guest."""

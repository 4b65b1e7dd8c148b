"""Where a display listens."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.graphics import Graphics


@rule(4820, "graphics-vnc-port", phase=Phase.START, needs="port")
def vnc_port(graphics: Graphics) -> Iterator[Finding]:
    """
    What: The port of a VNC server is from 1 to 5899.
    Why: QEMU counts displays from port 5900; libvirt accepts lower ones at define and fails to start ("vnc port must be in range
    [5900,65535]", qemuProcessVNCAllocatePorts and qemuBuildGraphicsVNCCommandLine of libvirt 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: unsupported configuration: vnc port must be in range
    [5900,65535].
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = vnc; port = 5800 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = vnc; port = 5900 } }
    """
    if graphics.type == "vnc" and graphics.port is not None and 0 < graphics.port < 5900 and not graphics.autoport:
        yield Finding(("graphics", graphics.label, "port"), f"VNC ports begin at 5900, not {graphics.port}", instead="5900")


@rule(4822, "graphics-listen-network", phase=Phase.DEFINE, needs="listener")
def listen_network(graphics: Graphics) -> Iterator[Finding]:
    """
    What: A listener of type network without `network`; or attributes of another type.
    Why: libvirt 9.0.0 refuses it at define (virDomainGraphicsListenDefParseXML, src/conf/domain_conf.c;
    virDomainGraphicsDefListensValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = vnc; listener { type = network } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = vnc; listener { type = network; network = "default" } } }
    """
    for listener in graphics.listener:
        here = ("graphics", graphics.label, "listener", listener.label)
        other = f"not {listener.type}" if listener.type else "and this one says none"
        if listener.type == "network" and not listener.network:
            yield Finding(here, "a listener on a network needs its name")
        elif listener.type != "network" and listener.network:
            yield Finding((*here, "network"), f"network is for a listener of type network, {other}")
        elif listener.type != "socket" and listener.socket:
            yield Finding((*here, "socket"), f"socket is for a listener of type socket, {other}")
        elif listener.type == "socket" and graphics.type not in ("vnc", "spice"):
            yield Finding((*here, "type"), f"{graphics.type} graphics do not listen on a socket")


@rule(4824, "graphics-open-listener", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="type")
def open_listener(graphics: Graphics) -> Iterator[Finding]:
    """
    What: A VNC or Spice server listens on all addresses without a password or TLS.
    Why: Whoever reaches the port has the guest's console and keyboard. libvirt's default is 127.0.0.1 (qemu.conf, vnc_listen).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = vnc; listen = 0.0.0.0 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = vnc; listen = 127.0.0.1 } }
    """
    if graphics.type not in ("vnc", "spice") or graphics.passwd is not None:
        return
    addresses = [(("graphics", graphics.label, "listen"), graphics.listen)]
    listeners = [
        (("graphics", graphics.label, "listener", x.label, "address"), x.address) for x in graphics.listener if x.type in (None, "address")
    ]
    for path, address in addresses:
        if address in ("0.0.0.0", "::"):
            yield Finding(path, f"the {graphics.type} server listens on all addresses without a password", instead="127.0.0.1")
            return
    for where, address in listeners:
        if address in ("0.0.0.0", "::"):
            yield Finding(where, f"the {graphics.type} server listens on all addresses without a password", instead="127.0.0.1")


@rule(4825, "graphics-listen-mismatch", phase=Phase.DEFINE, needs="listener")
def listen_mismatch(graphics: Graphics) -> Iterator[Finding]:
    """
    What: `listen` is not the address, or `socket` not the path, of the first listener.
    Why: The attributes are the old way to say the same; libvirt 9.0.0 refuses a difference at define (virDomainGraphicsListensParseXML,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: graphics 'listen' attribute '127.0.0.2' must match
    'address' attribute of first listen element (found '127.0.0.1').
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          graphics { type = vnc; listen = "127.0.0.2"; listener { type = address; address = "127.0.0.1" } }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = vnc; listener { type = address; address = "127.0.0.1" } } }
    """
    if not graphics.listener:
        return
    first = graphics.listener[0]
    pairs = (("listen", graphics.listen, first.address, "address"), ("socket", graphics.socket, first.socket, "socket"))
    for name, said, found, kind in pairs:
        if said and found and said != found and first.type == kind:
            yield Finding(
                ("graphics", graphics.label, name),
                f"{name} {said} is not the first listener's {found}",
                labels=((("graphics", graphics.label, "listener", first.label), "this one"),),
            )


@rule(4826, "port-and-autoport", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="autoport")
def port_and_autoport(graphics: Graphics) -> Iterator[Finding]:
    """
    What: A display has a port and `autoport = true`.
    Why: With autoport libvirt drops the port that is written, at define, and takes the next free one from 5900 on when the guest starts
    (virDomainGraphicsDefParseXMLVNC and …Spice, src/conf/domain_conf.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it; `port='5905' autoport='yes'` becomes `port='-1'`, and the guest listens at 5900.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; graphics { type = vnc; port = 5905; autoport = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; graphics { type = vnc; port = 5905; autoport = false } }
    """
    if not graphics.autoport or graphics.type not in ("vnc", "spice"):
        return
    for name, value in (("port", graphics.port), ("tls-port", graphics.tls_port)):
        if value is not None and value > 0:
            yield Finding(
                ("graphics", graphics.label, name),
                f"{name} {value} is not taken: with autoport = true libvirt chooses one",
                labels=((("graphics", graphics.label, "autoport"), "autoport"),),
                help="write `autoport = false`, or leave the port out",
            )

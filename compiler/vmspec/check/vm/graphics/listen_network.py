"""A listener on a network without a name."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.graphics import Graphics


@rule(4822, "graphics-listen-network", phase=Phase.DEFINE)
def listen_network(graphics: Graphics) -> Iterator[Finding]:
    """
    What: A listener of type network without `network`; or attributes of another type.
    Why: libvirt 9.0.0 refuses it at define (virDomainGraphicsListenDefParseXML, src/conf/domain_conf.c;
    virDomainGraphicsDefListensValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; listener { type = network } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; listener { type = network; network = "default" } }
        }
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

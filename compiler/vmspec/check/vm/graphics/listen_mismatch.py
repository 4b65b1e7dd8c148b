"""A server that listens in two places."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.graphics import Graphics


@rule(4825, "graphics-listen-mismatch", phase=Phase.DEFINE)
def listen_mismatch(graphics: Graphics) -> Iterator[Finding]:
    """
    What: `listen` is not the address, or `socket` not the path, of the first listener.
    Why: The attributes are the old way to say the same; libvirt 9.0.0 refuses a difference at define (virDomainGraphicsListensParseXML,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: graphics 'listen' attribute '127.0.0.2' must match
    'address' attribute of first listen element (found '127.0.0.1').
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; listen = "127.0.0.2"; listener { type = address; address = "127.0.0.1" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; listener { type = address; address = "127.0.0.1" } }
        }
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

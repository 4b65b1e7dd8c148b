"""A port that libvirt chooses, and another one that is written."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.graphics import Graphics


@rule(4826, "port-and-autoport", phase=Phase.ACCEPTED, severity=Severity.WARNING)
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

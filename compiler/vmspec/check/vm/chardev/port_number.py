"""A port of the guest that is no number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain

_NUMBER = re.compile(r"-?[0-9]+")
"""virStrToLong_ui (src/util/virstring.c) takes a sign too."""


@rule(4815, "port-number", phase=Phase.DEFINE)
def port_number(vm: Domain) -> Iterator[Finding]:
    """
    What: The port of a serial line, parallel port or console is not a decimal number.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrDefParseTargetXML, src/conf/domain_conf.c). A port of the host belongs into the
    source.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid port number: 0x1f.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial { source = pty(); port = telnet }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial { source = tcp("127.0.0.1", "telnet", mode = bind); port = 0 }
        }
    """
    for kind in ("serial", "parallel", "console"):
        for device in getattr(vm, kind):
            if device.port is not None and not _NUMBER.fullmatch(str(device.port)):
                yield Finding((kind, device.label, "port"), f"port {device.port} is not a number")

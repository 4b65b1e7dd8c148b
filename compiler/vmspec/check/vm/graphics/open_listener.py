"""A screen for everyone."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.graphics import Graphics


@rule(4824, "graphics-open-listener", phase=Phase.RUNTIME, severity=Severity.WARNING)
def open_listener(graphics: Graphics) -> Iterator[Finding]:
    """
    What: A VNC or Spice server listens on all addresses without a password or TLS.
    Why: Whoever reaches the port has the guest's console and keyboard. libvirt's default is 127.0.0.1 (qemu.conf, vnc_listen).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; listen = 0.0.0.0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; listen = 127.0.0.1 }
        }
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

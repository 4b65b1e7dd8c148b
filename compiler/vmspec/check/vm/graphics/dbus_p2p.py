"""A D-Bus display with and without a bus."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.graphics import Graphics


@rule(4823, "graphics-dbus-p2p", phase=Phase.DEFINE)
def dbus_p2p(graphics: Graphics) -> Iterator[Finding]:
    """
    What: `p2p` together with `dbus-address`.
    Why: libvirt 9.0.0 refuses it at define (virDomainGraphicsDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = dbus; p2p = true; dbus-address = "unix:path=/run/bus" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = dbus; p2p = true }
        }
    """
    if graphics.type == "dbus" and graphics.p2p and graphics.dbus_address:
        yield Finding(("graphics", graphics.label, "dbus-address"), "a display without a bus has no address of one")

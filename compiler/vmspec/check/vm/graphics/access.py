"""Who may connect to a display."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.graphics import VNC_PASSWORD_BYTES, Graphics


@rule(4821, "graphics-vnc-password", phase=Phase.DEFINE, needs="passwd")
def vnc_password(graphics: Graphics) -> Iterator[Finding]:
    """
    What: A VNC password has more than 8 bytes; a letter beyond ASCII has several.
    Why: The protocol reads 8; libvirt 9.0.0 refuses more at define (qemuValidateDomainDeviceDefVNCGraphics, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: VNC password is 13 characters long, only 8 permitted.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = vnc; passwd = "correct-horse" } }
    Instead:
        param $screen: secret
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = vnc; passwd = $screen } }
    """
    size = len(graphics.passwd.encode("utf-8", "replace")) if isinstance(graphics.passwd, str) else 0
    if graphics.type == "vnc" and size > VNC_PASSWORD_BYTES:
        message = f"a VNC password has at most {VNC_PASSWORD_BYTES} bytes, not {size}"
        yield Finding(("graphics", graphics.label, "passwd"), message, help="use a local socket, or TLS")


@rule(4823, "graphics-dbus-p2p", phase=Phase.DEFINE, needs="p2p")
def dbus_p2p(graphics: Graphics) -> Iterator[Finding]:
    """
    What: `p2p` together with `dbus-address`.
    Why: libvirt 9.0.0 refuses it at define (virDomainGraphicsDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = dbus; p2p = true; dbus-address = "unix:path=/run/bus" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = dbus; p2p = true } }
    """
    if graphics.type == "dbus" and graphics.p2p and graphics.dbus_address:
        yield Finding(("graphics", graphics.label, "dbus-address"), "a display without a bus has no address of one")

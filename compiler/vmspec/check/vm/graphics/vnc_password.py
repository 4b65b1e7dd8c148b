"""A VNC password that is cut off."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.graphics import Graphics


@rule(4821, "graphics-vnc-password", phase=Phase.DEFINE)
def vnc_password(graphics: Graphics) -> Iterator[Finding]:
    """
    What: A VNC password has more than 8 bytes; a letter beyond ASCII has several.
    Why: The protocol reads 8; libvirt 9.0.0 refuses more at define (qemuValidateDomainDeviceDefVNCGraphics, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: VNC password is 13 characters long, only 8 permitted.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; passwd = "correct-horse" }
        }
    Instead:
        param $screen: secret
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; passwd = $screen }
        }
    """
    size = len(graphics.passwd.encode("utf-8", "replace")) if isinstance(graphics.passwd, str) else 0
    if graphics.type == "vnc" and size > 8:
        yield Finding(
            ("graphics", graphics.label, "passwd"),
            f"a VNC password has at most 8 bytes, not {size}",
            help="use a local socket, or TLS",
        )

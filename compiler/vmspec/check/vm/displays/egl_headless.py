"""A display without a screen beside the wrong one."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4843, "egl-headless", phase=Phase.DEFINE)
def egl_headless(vm: Domain) -> Iterator[Finding]:
    """
    What: egl-headless together with sdl, or with Spice that has OpenGL itself.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefGraphics, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: graphics type 'egl-headless' is only supported with one
    of: 'vnc', 'spice' graphics types.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics a { type = egl-headless }
          graphics b { type = sdl }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics a { type = egl-headless }
          graphics b { type = vnc }
        }
    """
    if not any(g.type == "egl-headless" for g in vm.graphics):
        return
    for graphics in vm.graphics:
        if graphics.type not in ("egl-headless", "vnc", "spice", None):
            yield Finding(("graphics", graphics.label, "type"), f"egl-headless goes with vnc or spice, not {graphics.type}")
        elif graphics.type == "spice" and graphics.gl is not None and graphics.gl.enable:
            yield Finding(("graphics", graphics.label, "gl"), "QEMU has one OpenGL display, and egl-headless is it")

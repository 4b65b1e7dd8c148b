"""Interrupt coalescing without a tap device."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4423, "interface-coalesce-source", phase=Phase.DEFINE)
def coalesce_source(interface: Interface) -> Iterator[Finding]:
    """
    What: `coalesce` on an interface that is not on a bridge or network.
    Why: It is a setting of the tap device; libvirt 9.0.0 refuses it elsewhere at define (qemuValidateNetSupportsCoalesce,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: coalesce settings on interface type direct are not
    supported.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = direct("eth0", bridge); coalesce { rx-frames = 7 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); coalesce { rx-frames = 7 } }
        }
    """
    said = interface.coalesce is not None and interface.coalesce.rx_frames is not None
    if said and interface.source is not None and interface.source.tag not in ("bridge", "network"):
        yield Finding(("interface", interface.label, "coalesce"), f"a {interface.source.tag} interface cannot coalesce interrupts")

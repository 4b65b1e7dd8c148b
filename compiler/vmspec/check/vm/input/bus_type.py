"""An input device on a bus that does not have it."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.input import Input


@rule(4880, "input-bus-type", phase=Phase.DEFINE)
def bus_type(input: Input) -> Iterator[Finding]:
    """
    What: A tablet on ps2, passthrough elsewhere than on virtio, evdev on any bus, or a Xen bus.
    Why: libvirt 9.0.0 refuses it at define (virDomainInputDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: ps2 bus does not support tablet input device.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          input tablet { type = tablet; bus = ps2 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          input tablet { type = tablet; bus = virtio }
        }
    """
    here = ("input", input.label, "bus")
    if input.bus == "ps2" and input.type not in ("mouse", "keyboard", None):
        yield Finding(here, f"there is no {input.type} on ps2", instead="usb")
    elif input.type == "passthrough" and input.bus not in (None, "virtio"):
        yield Finding(here, f"passthrough is on bus virtio, not {input.bus}", instead="virtio")
    elif input.type == "evdev" and input.bus is not None:
        yield Finding(here, "an evdev device is on no bus", help="leave bus out")
    if input.evdev and input.type not in ("passthrough", None):
        yield Finding(("input", input.label, "evdev"), f"evdev is for passthrough devices, not a {input.type}")

"""Keyboards, mice and tablets."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.input import Input


@rule(4880, "input-bus-type", phase=Phase.DEFINE, needs="bus type")
def bus_type(input: Input) -> Iterator[Finding]:
    """
    What: A tablet on ps2, passthrough elsewhere than on virtio, evdev on any bus, or a Xen bus.
    Why: libvirt 9.0.0 refuses it at define (virDomainInputDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: ps2 bus does not support tablet input device.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; input tablet { type = tablet; bus = ps2 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; input tablet { type = tablet; bus = virtio } }
    """
    here = ("input", input.label, "bus")
    if input.bus == "ps2" and input.type not in ("mouse", "keyboard", None):
        yield Finding(here, f"there is no {input.type} on ps2", instead="usb")
    elif input.type == "passthrough" and input.bus not in (None, "virtio"):
        yield Finding(here, f"passthrough is on bus virtio, not {input.bus}", instead="virtio")
    elif input.type == "evdev" and input.bus is not None:
        yield Finding(here, "an evdev device is on no bus", help="leave bus out")
    if input.evdev and input.type not in ("passthrough", None):
        message = f"evdev is for passthrough devices, and libvirt ignores it of {with_article(input.type)}"
        yield Finding(("input", input.label, "evdev"), message, severity=Severity.WARNING)


@rule(4881, "input-model-bus", phase=Phase.DEFINE, needs="model")
def model_bus(input: Input) -> Iterator[Finding]:
    """
    What: `model` of an input device that is not on virtio, or a (non-)transitional one.
    Why: libvirt 9.0.0 refuses it at define (virDomainInputDefValidate, src/conf/domain_validate.c; qemuValidateDomainDeviceDefInput,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: virtio (non-)transitional models are not supported for
    input type=keyboard.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; input kbd { type = keyboard; bus = virtio; model = virtio-non-transitional } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; input kbd { type = keyboard; bus = virtio; model = virtio } }
    """
    if input.model and input.bus not in (None, "virtio"):
        yield Finding(("input", input.label, "model"), f"model {input.model} needs bus = virtio, not {input.bus}")
    elif input.model in ("virtio-transitional", "virtio-non-transitional") and input.type != "passthrough":
        yield Finding(("input", input.label, "model"), f"there is no {input.model} {input.type}", instead="virtio")


@rule(4882, "input-source-missing", phase=Phase.DEFINE, needs="type")
def source_missing(input: Input) -> Iterator[Finding]:
    """
    What: A passthrough or evdev device has no path.
    Why: libvirt 9.0.0 refuses it at define (virDomainInputDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; input kbd { type = evdev } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; input kbd { type = evdev; dev = "/dev/input/event3" } }
    """
    if (input.type == "passthrough" and not input.evdev) or (input.type == "evdev" and not input.dev):
        name = "evdev" if input.type == "passthrough" else "dev"
        yield Finding(("input", input.label), f"{input.type} needs the device of the host", help=f'set {name} = "/dev/input/event…"')

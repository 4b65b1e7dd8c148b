"""A keyboard, mouse, tablet or other input device."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device, Virtio
from vmspec.model.devices.disk import VIRTIO_MODELS
from vmspec.model.devices.kinds import ABSOLUTE
from vmspec.model.kind import ON_OFF, OneOf


class Input(Virtio, Device):
    """A keyboard, mouse, tablet or other input device."""

    element = "devices/input"

    type: Annotated[
        str | None,
        Attr(
            "@type",
            OneOf("tablet", "mouse", "keyboard", "passthrough", "evdev"),
            "Kind; passthrough and evdev hand on a device of the host.",
        ),
    ] = None
    bus: Annotated[str | None, Attr("@bus", OneOf("ps2", "usb", "xen", "virtio"), "Bus of the device.")] = None
    model: Annotated[str | None, Attr("@model", OneOf(*VIRTIO_MODELS), "Model of a virtio device.", since="5.2.0")] = None
    evdev: Annotated[str | None, Attr("source/@evdev", ABSOLUTE, "Of passthrough: the host's /dev/input/eventN.", since="1.3.0")] = None
    dev: Annotated[str | None, Attr("source/@dev", ABSOLUTE, "Of evdev: the host's /dev/input/eventN.", since="7.4.0")] = None
    grab: Annotated[
        str | None, Attr("source/@grab", OneOf("all"), "Whether one key combination takes all input devices.", since="7.4.0")
    ] = None
    grab_toggle: Annotated[
        str | None,
        Attr(
            "source/@grabToggle",
            OneOf("ctrl-ctrl", "alt-alt", "shift-shift", "meta-meta", "scrolllock", "ctrl-scrolllock"),
            "Keys that change between host and guest.",
            since="7.6.0",
        ),
    ] = None
    repeat: Annotated[bool | None, Attr("source/@repeat", ON_OFF, "Whether held keys repeat.", since="7.4.0")] = None

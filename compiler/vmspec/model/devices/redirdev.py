"""A USB device redirected over the network."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.chardev import CharDevice
from vmspec.model.devices.device import Boot
from vmspec.model.kind import OneOf


class Redirdev(Boot, CharDevice):
    """A USB device redirected over the network."""

    element = "devices/redirdev"

    bus: Annotated[str | None, Attr("@bus", OneOf("usb"), "Bus: usb.", since="0.9.5", default="usb")] = None

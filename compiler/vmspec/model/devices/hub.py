"""A USB hub of the guest."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device
from vmspec.model.kind import OneOf


class Hub(Device):
    """A USB hub of the guest."""

    element = "devices/hub"

    type: Annotated[str | None, Attr("@type", OneOf("usb"), "Kind: usb.", since="0.9.9", default="usb")] = None

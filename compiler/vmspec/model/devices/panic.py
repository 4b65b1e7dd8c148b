"""The device by which the guest reports its panic."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device
from vmspec.model.kind import OneOf


class Panic(Device):
    """The device by which the guest reports its panic."""

    element = "devices/panic"

    model: Annotated[
        str | None,
        Attr(
            "@model",
            OneOf("isa", "pseries", "hyperv", "s390", "pvpanic", since={"pvpanic": "9.1.0"}),
            "Model; pvpanic (PCI) since 9.1.0.",
            since="1.3.0",
        ),
    ] = None

"""The balloon that takes memory back from the guest."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device, Virtio
from vmspec.model.devices.kinds import SECONDS
from vmspec.model.kind import ON_OFF, OneOf
from vmspec.model.value import Duration


class MemoryBalloon(Virtio, Device):
    """The balloon that takes memory back from the guest."""

    element = "devices/memballoon"

    model: Annotated[
        str | None,
        Attr(
            "@model",
            OneOf("virtio", "virtio-transitional", "virtio-non-transitional", "xen", "none"),
            "Model of the device; none to have none at all.",
            since="0.8.3",
        ),
    ] = None
    autodeflate: Annotated[
        bool | None, Attr("@autodeflate", ON_OFF, "Whether the guest takes memory back before it kills a process.", since="1.3.1")
    ] = None
    free_page_reporting: Annotated[
        bool | None, Attr("@freePageReporting", ON_OFF, "Whether the guest tells the host which pages are free.", since="6.9.0")
    ] = None
    stats_period: Annotated[
        Duration | None, Attr("stats/@period", SECONDS, "How often the guest reports its memory, in seconds.", since="1.1.1")
    ] = None

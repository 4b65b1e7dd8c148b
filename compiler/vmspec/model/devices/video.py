"""A video card of the guest."""

from vmspec.model.block import Annotated, Attr, Block, Sub
from vmspec.model.devices.device import Device, Virtio
from vmspec.model.devices.kinds import ABSOLUTE, COUNT, KIB
from vmspec.model.kind import ON_OFF, YES_NO, OneOf
from vmspec.model.value import Size


class Acceleration(Block):
    """What the host's card draws."""

    element = "model/acceleration"

    accel2d: Annotated[bool | None, Attr("@accel2d", YES_NO, "Two-dimensional drawing (vbox).", since="0.7.1")] = None
    accel3d: Annotated[bool | None, Attr("@accel3d", YES_NO, "Three-dimensional drawing.", since="0.7.1")] = None
    rendernode: Annotated[str | None, Attr("@rendernode", ABSOLUTE, "The host's card, /dev/dri/renderDN (vhostuser).", since="5.8.0")] = (
        None
    )


class Resolution(Block):
    """The least resolution."""

    element = "model/resolution"

    x: Annotated[int | None, Attr("@x", COUNT, "Width in pixels.", since="5.9.0")] = None
    y: Annotated[int | None, Attr("@y", COUNT, "Height in pixels.", since="5.9.0")] = None


class Video(Virtio, Device):
    """A video card of the guest."""

    element = "devices/video"

    driver: Annotated[
        str | None, Attr("driver/@name", OneOf("qemu", "vhostuser"), "Who draws: QEMU or a process beside it.", since="5.8.0")
    ] = None
    vgaconf: Annotated[
        str | None, Attr("driver/@vgaconf", OneOf("io", "on", "off"), "Mapping of the VGA registers (bhyve).", since="3.5.0")
    ] = None
    model: Annotated[
        str | None,
        Attr(
            "model/@type",
            OneOf("vga", "cirrus", "vmvga", "xen", "vbox", "virtio", "gop", "none", "bochs", "ramfb", "qxl"),
            "Model of the card; none for no card at all.",
        ),
    ] = None
    device: Annotated[
        str | None,
        Attr(
            "model/@device",
            OneOf("virtio-vga", "virtio-vga-gl", "virtio-gpu", "virtio-gpu-gl", "vhost-user-vga", "vhost-user-gpu"),
            "Which of QEMU's virtio cards; libvirt chooses where nothing is said.",
            since="12.5.0",
        ),
    ] = None
    ram: Annotated[Size | None, Attr("model/@ram", KIB, "Primary memory of a qxl card.", since="1.0.2")] = None
    vram: Annotated[Size | None, Attr("model/@vram", KIB, "Memory of the card.")] = None
    vram64: Annotated[Size | None, Attr("model/@vram64", KIB, "Memory of a qxl card beyond 32 bits.", since="1.3.3")] = None
    vgamem: Annotated[Size | None, Attr("model/@vgamem", KIB, "Memory of a qxl card for VGA.", since="1.2.11")] = None
    heads: Annotated[int | None, Attr("model/@heads", COUNT, "Number of screens.")] = None
    primary: Annotated[
        bool | None, Attr("model/@primary", YES_NO, "Whether this card shows the boot messages.", since="1.0.2", unchecked=True)
    ] = None
    blob: Annotated[
        bool | None, Attr("model/@blob", ON_OFF, "Whether a virtio card shares its buffers; needs shared memory.", since="9.2.0")
    ] = None
    edid: Annotated[bool | None, Attr("model/@edid", ON_OFF, "Whether the guest can read a screen description.")] = None
    acceleration: Annotated[Acceleration | None, Sub("What the host's card draws.", since="0.7.1")] = None
    resolution: Annotated[Resolution | None, Sub("The least resolution.", since="5.9.0")] = None

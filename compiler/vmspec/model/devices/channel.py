"""A private channel between host and guest."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.chardev import SERVICE, CharDevice
from vmspec.model.devices.kinds import IP
from vmspec.model.kind import TEXT, OneOf


class Channel(CharDevice):
    """A private channel between host and guest, as the guest agent has."""

    element = "devices/channel"

    target: Annotated[str | None, Attr("target/@type", OneOf("virtio", "guestfwd", "xen"), "How the guest sees it.", default="virtio")] = (
        None
    )
    name: Annotated[str | None, Attr("target/@name", TEXT, "Name in the guest, such as org.qemu.guest_agent.0.", since="0.7.7")] = None
    state: Annotated[
        str | None,
        Attr(
            "target/@state",
            OneOf("connected", "disconnected"),
            "Whether the guest has it open; libvirt writes it.",
            since="1.2.11",
            unchecked=True,
        ),
    ] = None
    forward_address: Annotated[str | None, Attr("target/@address", IP, "Of guestfwd: address in the guest.", since="0.7.3")] = None
    forward_port: Annotated[str | None, Attr("target/@port", SERVICE, "Of guestfwd: port in the guest.", since="0.7.3")] = None

"""A socket between host and guest without a network."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device, Virtio
from vmspec.model.devices.disk import VIRTIO_MODELS
from vmspec.model.devices.kinds import UINT32
from vmspec.model.kind import YES_NO, OneOf


class Vsock(Virtio, Device):
    """A socket between host and guest without a network."""

    element = "devices/vsock"

    model: Annotated[str | None, Attr("@model", OneOf(*VIRTIO_MODELS), "Model of the device.", since="4.4.0", default="virtio")] = None
    auto: Annotated[bool | None, Attr("cid/@auto", YES_NO, "Whether libvirt chooses the number.", since="4.4.0")] = None
    cid: Annotated[int | None, Attr("cid/@address", UINT32, "Number of the guest on its host, from 3.", since="4.4.0")] = None

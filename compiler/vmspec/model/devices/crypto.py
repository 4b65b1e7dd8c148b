"""A crypto accelerator of the guest."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device, Virtio
from vmspec.model.devices.kinds import POSITIVE
from vmspec.model.kind import OneOf


class Crypto(Virtio, Device):
    """A crypto accelerator of the guest."""

    element = "devices/crypto"

    model: Annotated[str | None, Attr("@model", OneOf("virtio"), "Model: virtio.", since="9.1.0", default="virtio")] = None
    type: Annotated[str | None, Attr("@type", OneOf("qemu"), "Who serves it: qemu.", since="9.1.0", default="qemu")] = None
    backend: Annotated[
        str | None,
        Attr("backend/@model", OneOf("builtin", "lkcf"), "QEMU's own code, or the host's kernel.", since="9.1.0", default="builtin"),
    ] = None
    queues: Annotated[int | None, Attr("backend/@queues", POSITIVE, "Number of queues.", since="9.1.0")] = None

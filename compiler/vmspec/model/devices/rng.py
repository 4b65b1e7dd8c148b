"""A source of random numbers for the guest."""

from vmspec.model.block import Annotated, Attr, Block, Choice, Sub
from vmspec.model.devices.chardev import CharSource, Logged
from vmspec.model.devices.device import Device, Virtio
from vmspec.model.devices.disk import VIRTIO_MODELS
from vmspec.model.devices.kinds import ABSOLUTE, BYTES, MILLISECONDS
from vmspec.model.kind import OneOf
from vmspec.model.value import Duration, Size


class Random(Block):
    """A device of the host."""

    element = "backend"
    tag = "random"
    positional = ("path",)

    path: Annotated[str | None, Attr("", ABSOLUTE, "Path of the device; /dev/urandom is the right one.", since="1.0.3")] = None


class Egd(Logged):
    """A daemon that speaks the EGD protocol."""

    element = "backend"
    tag = "egd"
    positional = ("source",)

    source: Annotated[CharSource | None, Choice("@type", "The connection to the daemon, as of a channel.", since="1.0.3")] = None


class Builtin(Block):
    """QEMU's own generator, from getrandom()."""

    element = "backend"
    tag = "builtin"


class RngRate(Block):
    """How much the guest may take."""

    element = "rate"

    bytes: Annotated[Size | None, Attr("@bytes", BYTES, "Bytes in each period.", since="1.0.4")] = None
    period: Annotated[Duration | None, Attr("@period", MILLISECONDS, "The period; a second unless said.", since="1.0.4")] = None


class Rng(Virtio, Device):
    """A source of random numbers for the guest."""

    element = "devices/rng"

    model: Annotated[str | None, Attr("@model", OneOf(*VIRTIO_MODELS), "Model of the device.", since="1.0.3", default="virtio")] = None
    rate: Annotated[RngRate | None, Sub("How much the guest may take.", since="1.0.4")] = None
    backend: Annotated[Random | Egd | Builtin | None, Choice("backend/@model", "Where the numbers come from.", since="1.0.3")] = None

"""A device that the model does not have, and a domain that has it: what the schema alone tells."""

from vmspec.model.block import Annotated, Many
from vmspec.model.devices.device import Boot, Device, Virtio
from vmspec.model.domain import Domain


class Gadget(Virtio, Boot, Device):
    """A device that nobody has heard of."""

    element = "gadget"


class Bigger(Domain):
    """A domain that has it."""

    gadget: Annotated[tuple[Gadget, ...], Many("Made up.")] = ()

"""What libvirt's network can have."""

from typing import Annotated

from vmspec.model.block import Attr, Block
from vmspec.model.kind import TEXT


class Network(Block):
    """A network."""

    element = "network"

    name: Annotated[str | None, Attr("name", TEXT, "Name; set by the label of the block.")] = None

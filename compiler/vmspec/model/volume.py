"""What libvirt's volume can have."""

from typing import Annotated

from vmspec.model.block import Attr, Block
from vmspec.model.kind import TEXT


class Volume(Block):
    """A volume."""

    element = "volume"

    name: Annotated[str | None, Attr("name", TEXT, "Name; set by the label of the block.")] = None

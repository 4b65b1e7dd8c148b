"""What libvirt's pool can have."""

from typing import Annotated

from vmspec.model.block import Attr, Block
from vmspec.model.kind import TEXT


class Pool(Block):
    """A pool."""

    element = "pool"

    name: Annotated[str | None, Attr("name", TEXT, "Name; set by the label of the block.")] = None

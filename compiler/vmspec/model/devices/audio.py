"""A sound backend of the host."""

from vmspec.model.block import Block


class Audio(Block):
    """A sound backend of the host."""

    element = "devices/audio"

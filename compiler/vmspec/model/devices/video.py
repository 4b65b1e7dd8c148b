"""A video card of the guest."""

from vmspec.model.block import Block


class Video(Block):
    """A video card of the guest."""

    element = "devices/video"

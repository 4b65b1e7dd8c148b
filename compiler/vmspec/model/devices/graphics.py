"""A way to see the guest's screen."""

from vmspec.model.block import Block


class Graphics(Block):
    """A way to see the guest's screen."""

    element = "devices/graphics"

"""A bus controller of the guest."""

from vmspec.model.block import Block


class Controller(Block):
    """A bus controller of the guest."""

    element = "devices/controller"

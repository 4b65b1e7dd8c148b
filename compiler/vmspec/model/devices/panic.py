"""The device by which the guest reports its panic."""

from vmspec.model.block import Block


class Panic(Block):
    """The device by which the guest reports its panic."""

    element = "devices/panic"

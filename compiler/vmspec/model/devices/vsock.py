"""A socket between host and guest without a network."""

from vmspec.model.block import Block


class Vsock(Block):
    """A socket between host and guest without a network."""

    element = "devices/vsock"

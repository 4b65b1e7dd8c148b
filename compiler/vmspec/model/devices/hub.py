"""A USB hub of the guest."""

from vmspec.model.block import Block


class Hub(Block):
    """A USB hub of the guest."""

    element = "devices/hub"

"""A lease that the lock manager holds while the guest runs."""

from vmspec.model.block import Block


class Lease(Block):
    """A lease that the lock manager holds while the guest runs."""

    element = "devices/lease"

"""The balloon that takes memory back from the guest."""

from vmspec.model.block import Block


class MemoryBalloon(Block):
    """The balloon that takes memory back from the guest."""

    element = "devices/memballoon"

"""A memory module of the guest."""

from vmspec.model.block import Block


class MemoryDevice(Block):
    """A memory module of the guest."""

    element = "devices/memory"

"""Memory shared with other guests or with the host."""

from vmspec.model.block import Block


class Shmem(Block):
    """Memory shared with other guests or with the host."""

    element = "devices/shmem"

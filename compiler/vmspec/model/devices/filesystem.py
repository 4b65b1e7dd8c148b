"""A directory of the host that the guest can mount."""

from vmspec.model.block import Block


class Filesystem(Block):
    """A directory of the host that the guest can mount."""

    element = "devices/filesystem"

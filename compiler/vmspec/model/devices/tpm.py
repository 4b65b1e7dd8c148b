"""A trusted platform module."""

from vmspec.model.block import Block


class Tpm(Block):
    """A trusted platform module."""

    element = "devices/tpm"

"""A crypto accelerator of the guest."""

from vmspec.model.block import Block


class Crypto(Block):
    """A crypto accelerator of the guest."""

    element = "devices/crypto"

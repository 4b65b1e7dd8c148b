"""The non-volatile memory of a pSeries guest."""

from vmspec.model.block import Block


class Nvram(Block):
    """The non-volatile memory of a pSeries guest."""

    element = "devices/nvram"

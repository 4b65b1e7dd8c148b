"""A sound card of the guest."""

from vmspec.model.block import Block


class Sound(Block):
    """A sound card of the guest."""

    element = "devices/sound"

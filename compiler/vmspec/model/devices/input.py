"""A keyboard, mouse, tablet or other input device."""

from vmspec.model.block import Block


class Input(Block):
    """A keyboard, mouse, tablet or other input device."""

    element = "devices/input"

"""A watchdog that acts when the guest hangs."""

from vmspec.model.block import Block


class Watchdog(Block):
    """A watchdog that acts when the guest hangs."""

    element = "devices/watchdog"

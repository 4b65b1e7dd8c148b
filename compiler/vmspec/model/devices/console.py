"""A console of the guest."""

from vmspec.model.devices.chardev import Target


class Console(Target):
    """A console of the guest; without a target it is the first serial port."""

    element = "devices/console"

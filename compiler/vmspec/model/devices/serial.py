"""A serial port of the guest."""

from vmspec.model.devices.chardev import Target


class Serial(Target):
    """A serial port of the guest."""

    element = "devices/serial"

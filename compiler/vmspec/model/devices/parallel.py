"""A parallel port of the guest."""

from vmspec.model.devices.chardev import Target


class Parallel(Target):
    """A parallel port of the guest."""

    element = "devices/parallel"

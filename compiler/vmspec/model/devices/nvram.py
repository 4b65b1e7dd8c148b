"""The non-volatile memory of a pSeries guest."""

from vmspec.model.devices.device import Device


class Nvram(Device):
    """The non-volatile memory of a pSeries guest; it has nothing but an address."""

    element = "devices/nvram"

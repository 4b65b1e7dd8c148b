"""A watchdog that acts when the guest hangs."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device
from vmspec.model.kind import OneOf


class Watchdog(Device):
    """A watchdog that acts when the guest hangs."""

    element = "devices/watchdog"

    model: Annotated[
        str | None,
        Attr(
            "@model",
            OneOf("i6300esb", "ib700", "diag288", "itco", since={"itco": "9.1.0"}),
            "Model: i6300esb on x86, diag288 on s390x, itco is part of q35 (9.1.0).",
            since="0.7.3",
        ),
    ] = None
    action: Annotated[
        str | None,
        Attr(
            "@action",
            OneOf("reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi"),
            "What happens to the guest; reset unless said.",
            since="0.7.3",
        ),
    ] = None

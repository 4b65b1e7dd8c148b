"""Where the guest keeps its last log over a crash."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device
from vmspec.model.devices.kinds import ABSOLUTE
from vmspec.model.kind import SIZE_KIB, OneOf
from vmspec.model.value import Size


class Pstore(Device):
    """Where the guest keeps its last log over a crash."""

    element = "devices/pstore"

    backend: Annotated[str | None, Attr("@backend", OneOf("acpi-erst"), "Kind: acpi-erst.", since="10.6.0", default="acpi-erst")] = None
    path: Annotated[str | None, Attr("path", ABSOLUTE, "File of the host that holds it.", since="10.6.0")] = None
    size: Annotated[Size | None, Attr("size", SIZE_KIB, "Its size.", since="10.6.0")] = None

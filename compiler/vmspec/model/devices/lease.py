"""A lease that the lock manager holds while the guest runs."""

from vmspec.model.block import Annotated, Attr, Block
from vmspec.model.devices.kinds import BYTES, PATH
from vmspec.model.kind import TEXT
from vmspec.model.value import Size


class Lease(Block):
    """A lease that the lock manager holds while the guest runs."""

    element = "devices/lease"

    lockspace: Annotated[str | None, Attr("lockspace", TEXT, "Lockspace of the lease.", since="0.9.1")] = None
    key: Annotated[str | None, Attr("key", TEXT, "Its name in the lockspace.", since="0.9.1")] = None
    path: Annotated[str | None, Attr("target/@path", PATH, "File of the lockspace.", since="0.9.1")] = None
    offset: Annotated[Size | None, Attr("target/@offset", BYTES, "Where the lease lies in the file.", since="0.9.1")] = None

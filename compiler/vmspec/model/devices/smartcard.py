"""A smartcard reader of the guest."""

from vmspec.model.block import Annotated, Attr, Block, Choice
from vmspec.model.devices.chardev import CharSource, Logged, TargetKind
from vmspec.model.devices.device import Device
from vmspec.model.devices.kinds import ABSOLUTE
from vmspec.model.kind import TEXT, ListOf


class HostCard(Block):
    """The host's reader, through its NSS library."""

    tag = "host"


class HostCertificates(Block):
    """A card emulated from three certificates of the host."""

    tag = "host-certificates"
    positional = ("certificates",)

    certificates: Annotated[
        tuple[str, ...], Attr("certificate*", ListOf(TEXT), "Names of the three certificates in the database.", since="0.8.8")
    ] = ()
    database: Annotated[str | None, Attr("database", ABSOLUTE, "Directory of the database.", since="0.8.8")] = None


class Passthrough(TargetKind, Logged):
    """A reader elsewhere, through a character device."""

    tag = "passthrough"
    positional = ("source",)

    source: Annotated[CharSource | None, Choice("@type", "The host's end, as of a channel.")] = None
    port: Annotated[str | None, Attr("target/@port", TEXT, "Unused; libvirt's schema allows it.")] = None


class Smartcard(Device):
    """A smartcard reader of the guest."""

    element = "devices/smartcard"

    source: Annotated[HostCard | HostCertificates | Passthrough | None, Choice("@mode", "Where the card is.", since="0.8.8")] = None

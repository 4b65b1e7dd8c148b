"""A secret of libvirt (docs/formatsecret.rst, src/conf/schemas/secret.rng 9.0.0): who may use it for what. No value has a place here."""

from vmspec.model.block import Annotated, Attr, Block
from vmspec.model.devices.kinds import ABSOLUTE, UUID
from vmspec.model.kind import PLACE, TEXT, YES_NO, OneOf
from vmspec.model.value import Symbol, Value


class StoredSecret(Block):
    """A secret that libvirt keeps. Guests name it by what it is for, or by its UUID."""

    element = "secret"

    place: Annotated["Value | None", Attr(None, PLACE, "The host that it is placed on.")] = None
    ephemeral: Annotated[bool | None, Attr("@ephemeral", YES_NO, "Its value is kept in memory alone.", since="0.7.1")] = None
    private: Annotated[bool | None, Attr("@private", YES_NO, "libvirt tells its value to nobody.", since="0.7.1")] = None
    uuid: Annotated[Symbol | None, Attr("uuid", UUID, "Identity.", since="0.7.1")] = None
    description: Annotated[str | None, Attr("description", TEXT, "For people.", since="0.7.1")] = None
    usage: Annotated[
        Symbol | None, Attr("usage/@type", OneOf("volume", "ceph", "iscsi", "tls", "vtpm"), "What it is for.", since="0.7.1")
    ] = None
    name: Annotated[str | None, Attr("usage/name", TEXT, "Of usage ceph, tls or vtpm: the name that guests say.", since="0.9.7")] = None
    target: Annotated[str | None, Attr("usage/target", TEXT, "Of usage iscsi: the name that guests say.", since="1.0.4")] = None
    volume: Annotated[str | None, Attr("usage/volume", ABSOLUTE, "Of usage volume: the path of the encrypted image.", since="0.7.1")] = None


def usage_of(secret: StoredSecret) -> str | None:
    """The name by which guests say it: `secret("…")` and the attribute `usage` of libvirt's XML."""
    return secret.name or secret.target or secret.volume

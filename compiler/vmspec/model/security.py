"""Labels, confidential memory, keys and user ids (docs/formatdomain.rst 9.0.0, "Security label", "Launch Security")."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap
from vmspec.model.kind import NAME, ON_OFF, TEXT, YES_NO, Integer, OneOf
from vmspec.model.value import Symbol, Value

COUNT = Integer(0)


class SecLabel(Block):
    """How a security driver labels the guest."""

    element = "seclabel"

    type: Annotated[
        Symbol | None, Attr("@type", OneOf("dynamic", "static", "none"), "Who chooses the label: libvirt, you, or nobody.", since="0.6.1")
    ] = None
    model: Annotated[Symbol | None, Attr("@model", NAME, "Security driver: selinux, apparmor, dac.", since="0.6.1")] = None
    relabel: Annotated[bool | None, Attr("@relabel", YES_NO, "Whether the guest's files are labelled too.", since="0.9.3")] = None
    label_: Annotated[str | None, Attr("label", TEXT, "The label.", since="0.6.1")] = None
    imagelabel: Annotated[str | None, Attr("imagelabel", TEXT, "The files' label; libvirt writes it.", since="0.6.1")] = None
    baselabel: Annotated[str | None, Attr("baselabel", TEXT, "What a dynamic label begins with.", since="0.8.3")] = None


class LaunchSecurity(Block):
    """Memory that the host cannot read."""

    element = "launchSecurity"

    type: Annotated[
        Symbol | None,
        Attr("@type", OneOf("sev", "sev-snp", "s390-pv", "tdx"), "How: sev-snp since 10.5.0, tdx since 11.6.0.", since="4.4.0"),
    ] = None
    kernel_hashes: Annotated[bool | None, Attr("@kernelHashes", YES_NO, "A directly booted kernel is measured.", since="8.0.0")] = None
    author_key: Annotated[bool | None, Attr("@authorKey", YES_NO, "The author key is checked.", since="10.5.0")] = None
    vcek: Annotated[bool | None, Attr("@vcek", YES_NO, "The guest may use the versioned chip key.", since="10.5.0")] = None
    cbitpos: Annotated[int | None, Attr("cbitpos", COUNT, "Address bit that marks encrypted memory; the host tells.", since="4.4.0")] = None
    reduced_phys_bits: Annotated[
        int | None, Attr("reducedPhysBits", COUNT, "Address bits that are lost to it; the host tells.", since="4.4.0")
    ] = None
    policy: Annotated[int | None, Attr("policy", Integer(0, radix=16, digits=4), "The guest's policy bits.", since="4.4.0")] = None
    handle: Annotated[int | None, Attr("handle", COUNT, "Handle of another guest whose key is shared.", since="4.4.0")] = None
    dh_cert: Annotated[str | None, Attr("dhCert", TEXT, "The owner's Diffie-Hellman key, in base64.", since="4.4.0")] = None
    session: Annotated[str | None, Attr("session", TEXT, "The owner's session blob, in base64.", since="4.4.0")] = None
    guest_visible_workarounds: Annotated[str | None, Attr("guestVisibleWorkarounds", TEXT, "Workarounds, in base64.", since="10.5.0")] = (
        None
    )
    id_block: Annotated[str | None, Attr("idBlock", TEXT, "Expected identity, in base64.", since="10.5.0")] = None
    id_auth: Annotated[str | None, Attr("idAuth", TEXT, "Signature of the identity, in base64.", since="10.5.0")] = None
    host_data: Annotated[str | None, Attr("hostData", TEXT, "Data that attestation repeats, in base64.", since="10.5.0")] = None
    mr_config_id: Annotated[str | None, Attr("mrConfigId", TEXT, "Configuration id, in base64.", since="11.6.0")] = None
    mr_owner: Annotated[str | None, Attr("mrOwner", TEXT, "Owner id, in base64.", since="11.6.0")] = None
    mr_owner_config: Annotated[str | None, Attr("mrOwnerConfig", TEXT, "Owner's configuration id, in base64.", since="11.6.0")] = None
    quote_service: Annotated[
        str | None, Attr("quoteGenerationService/@path", TEXT, "Socket of the service that signs quotes.", since="11.6.0")
    ] = None


class KeyWrap(Block):
    """Protected keys of s390x guests."""

    ciphers: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            ON_OFF,
            "Cipher (aes, dea) and whether the guest may wrap keys with it.",
            place="keywrap/cipher",
            key="@name",
            value="@state",
            item=True,
        ),
    ] = None


class IdRange(Block):
    """A range of ids in a container and on the host."""

    start: Annotated[int | None, Attr("@start", COUNT, "First id in the container.")] = None
    target: Annotated[int | None, Attr("@target", COUNT, "The id that it is on the host.")] = None
    count: Annotated[int | None, Attr("@count", COUNT, "How many.")] = None


class IdMap(Block):
    """User namespace of a container."""

    uid: Annotated[tuple[IdRange, ...], Many("User ids.", at="idmap/uid")] = ()
    gid: Annotated[tuple[IdRange, ...], Many("Group ids.", at="idmap/gid")] = ()

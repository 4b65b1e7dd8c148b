"""What sources of disks are made of: encryption, logins, labels, reservations, slices."""

from vmspec.model.block import Annotated, Attr, Block, Many, Sub
from vmspec.model.devices.kinds import (
    ABSOLUTE,
    BYTES,
    COUNT,
    POSITIVE,
    SECONDS,
    SECRET_UUID,
)
from vmspec.model.kind import NAME, SECRET, TEXT, YES_NO, OneOf
from vmspec.model.value import Duration, Secret, Size

FORMAT = OneOf(
    "raw", "dir", "bochs", "cloop", "dmg", "iso", "vpc", "vdi", "fat", "vhd", "ploop", "luks", "cow", "qcow", "qcow2", "qed", "vmdk"
)
"""libvirt's image formats (storageFormat, src/conf/schemas/storagecommon.rng 9.0.0)."""
DRIVER_FORMAT = OneOf(*FORMAT.words, "aio")


class SecurityLabel(Block):
    """Another security label for this one source than the machine's."""

    element = "seclabel"

    model: Annotated[str | None, Attr("@model", NAME, "Security driver that it is for: selinux, apparmor, dac.")] = None
    relabel: Annotated[bool | None, Attr("@relabel", YES_NO, "Whether libvirt labels the source for the guest.", since="0.9.9")] = None
    labelskip: Annotated[
        bool | None, Attr("@labelskip", YES_NO, "Labelling failed and is not tried again; live definitions only.", unchecked=True)
    ] = None
    label_: Annotated[str | None, Attr("label", TEXT, "The label itself.")] = None


class EncryptionCipher(Block):
    """The cipher that a LUKS volume was made with."""

    element = "cipher"

    name: Annotated[str | None, Attr("@name", TEXT, "Algorithm, such as aes.")] = None
    size: Annotated[int | None, Attr("@size", COUNT, "Length of the key in bits.")] = None
    mode: Annotated[str | None, Attr("@mode", TEXT, "Mode, such as cbc or xts.")] = None
    hash: Annotated[str | None, Attr("@hash", TEXT, "Hash of the master key, such as sha256.")] = None


class EncryptionIv(Block):
    """How a LUKS volume makes its initialisation vectors."""

    element = "ivgen"

    name: Annotated[str | None, Attr("@name", TEXT, "Generator, such as plain64.")] = None
    hash: Annotated[str | None, Attr("@hash", TEXT, "Hash of the generator, such as sha256.")] = None


class EncryptionSecret(Block):
    """One of several passphrases, for a chain of encrypted layers."""

    element = "secret"

    type: Annotated[str | None, Attr("@type", OneOf("passphrase"), "Kind of the secret.")] = None
    secret: Annotated[Secret | None, Attr("@usage", SECRET, "libvirt's secret that holds the passphrase.")] = None
    secret_uuid: Annotated[str | None, Attr("@uuid", SECRET_UUID, "UUID of that secret, in place of its usage.")] = None


class Encryption(Block):
    """How the image is encrypted."""

    element = "encryption"

    format: Annotated[
        str | None,
        Attr(
            "@format",
            OneOf("default", "qcow", "luks", "luks2", "luks-any", since={"luks-any": "9.3.0"}),
            "Format; luks2 and luks-any need the librbd engine.",
        ),
    ] = None
    engine: Annotated[str | None, Attr("@engine", OneOf("qemu", "librbd"), "Who decrypts.", since="8.6.0")] = None
    passphrases: Annotated[
        tuple[EncryptionSecret, ...],
        Many("The passphrases, where one `secret` is not enough: several for the layers of an rbd image.", implied="secret0"),
    ] = ()
    secret: Annotated[Secret | None, Attr("secret[@type='passphrase']/@usage", SECRET, "libvirt's secret that holds the passphrase.")] = (
        None
    )
    cipher: Annotated[EncryptionCipher | None, Sub("Cipher of a new volume.")] = None
    ivgen: Annotated[EncryptionIv | None, Sub("Initialisation vectors of a new volume.")] = None


class Auth(Block):
    """How libvirt logs in at the storage."""

    element = "auth"

    user: Annotated[str | None, Attr("@username", NAME, "User name.")] = None
    secret: Annotated[Secret | None, Attr("secret/@usage", SECRET, "libvirt's secret that holds the key or password.")] = None
    secret_uuid: Annotated[str | None, Attr("secret/@uuid", SECRET_UUID, "UUID of that secret, in place of its usage.")] = None
    secret_type: Annotated[
        str | None, Attr("secret/@type", OneOf("ceph", "iscsi"), "Kind of the secret: ceph for rbd, iscsi for all others.")
    ] = None


class Reconnect(Block):
    """Whether a lost connection is made again."""

    element = "reconnect"

    enabled: Annotated[bool | None, Attr("@enabled", YES_NO, "Whether to connect again.", since="3.7.0")] = None
    timeout: Annotated[Duration | None, Attr("@timeout", SECONDS, "Seconds between attempts.", since="3.7.0")] = None
    delay: Annotated[
        Duration | None, Attr("@delay", SECONDS, "Seconds for which requests of an nbd disk wait for the server.", since="9.2.0")
    ] = None


class Reservations(Block):
    """Persistent SCSI reservations of the guest."""

    element = "reservations"

    managed: Annotated[bool | None, Attr("@managed", YES_NO, "Whether libvirt runs the helper process itself.", since="4.4.0")] = None
    migration: Annotated[bool | None, Attr("@migration", YES_NO, "Whether a guest with reservations may migrate.")] = None
    path: Annotated[
        str | None, Attr("source[@type='unix']/@path", ABSOLUTE, "Socket of a helper that libvirt does not run.", since="4.4.0")
    ] = None
    mode: Annotated[
        str | None, Attr("source[@type='unix']/@mode", OneOf("client", "server"), "Side of the socket: always client.", since="4.4.0")
    ] = None
    reconnect: Annotated[Reconnect | None, Sub("Whether the socket is connected again.", at="source/reconnect")] = None


class Slice(Block):
    """A part of the storage that is the whole disk to the guest."""

    element = "slices/slice[@type='storage']"

    offset: Annotated[Size | None, Attr("@offset", BYTES, "Where the part begins, in bytes.", since="6.1.0")] = None
    size: Annotated[Size | None, Attr("@size", BYTES, "How long it is, in bytes.", since="6.1.0")] = None


class Source(Block):
    """What every source takes."""

    format: Annotated[str | None, Attr("driver/@type", DRIVER_FORMAT, "Format of the image.")] = None
    index: Annotated[
        int | None, Attr("source/@index", POSITIVE, "Number of the layer in the backing chain; libvirt writes it.", unchecked=True)
    ] = None
    slice: Annotated[Slice | None, Sub("The part of the storage to use.", at="source/slices/slice[@type='storage']")] = None


class Raw(Block):
    """A source that holds a raw image unless something else is said."""

    format: Annotated[str | None, Attr("driver/@type", DRIVER_FORMAT, "Format of the image.", default="raw")] = None


class Encrypted(Block):
    """A source that may be encrypted."""

    encryption: Annotated[Encryption | None, Sub("Encryption of the image.", at="source/encryption", since="3.9.0")] = None


class Startup(Block):
    """A local source that may be missing when the guest starts."""

    startup_policy: Annotated[
        str | None,
        Attr(
            "source/@startupPolicy",
            OneOf("mandatory", "requisite", "optional"),
            "What happens when the source is missing; optional drops it.",
            since="0.9.7",
        ),
    ] = None


class Labelled(Block):
    """A local source that libvirt labels."""

    seclabel: Annotated[tuple[SecurityLabel, ...], Many("Security labels of this source.", at="source/seclabel", since="0.9.9")] = ()

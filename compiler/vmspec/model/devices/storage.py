"""Where the data of a disk lie: files, block devices, volumes and network storage, with what each of them takes."""

from typing import Annotated, TypeAlias

from vmspec.model.block import Attr, Block, Choice, Many, OpenMap, Sub
from vmspec.model.devices.kinds import ABSOLUTE, BYTES, COOKIE, COUNT, HOST, OBJECT_NAME, PATH, POSITIVE, SECONDS, UINT32, UUID, pci_parts
from vmspec.model.devices.kinds import PCI_BUS, PCI_DOMAIN, PCI_FUNCTION, PCI_SLOT
from vmspec.model.kind import NAME, ON_OFF, PRESENCE, SECRET, SIZE_BYTES, TEXT, YES_NO, ListOf, OneOf
from vmspec.model.value import Duration, Secret, Size, Value

FORMAT = OneOf("raw", "dir", "bochs", "cloop", "dmg", "iso", "vpc", "vdi", "fat", "vhd", "ploop", "luks", "cow", "qcow", "qcow2", "qed", "vmdk")
"""libvirt's image formats (storageFormat, src/conf/schemas/storagecommon.rng 9.0.0)."""
DRIVER_FORMAT = OneOf(*FORMAT.words, "aio")


class SecurityLabel(Block):
    """Another security label for this one source than the machine's."""

    element = "seclabel"

    model: Annotated[str | None, Attr("@model", NAME, "Security driver that it is for: selinux, apparmor, dac.")] = None
    relabel: Annotated[bool | None, Attr("@relabel", YES_NO, "Whether libvirt labels the source for the guest.", since="0.9.9")] = None
    labelskip: Annotated[bool | None, Attr("@labelskip", YES_NO, "Labelling failed and is not tried again; live definitions only.")] = None
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
    secret_uuid: Annotated[str | None, Attr("@uuid", UUID, "UUID of that secret, in place of its usage.")] = None


class Encryption(Block):
    """How the image is encrypted."""

    element = "encryption"

    format: Annotated[
        str | None, Attr("@format", OneOf("default", "qcow", "luks", "luks2", "luks-any"), "Format; luks2 and luks-any need the librbd engine.")
    ] = None
    engine: Annotated[str | None, Attr("@engine", OneOf("qemu", "librbd"), "Who decrypts.", since="8.6.0")] = None
    passphrases: Annotated[tuple[EncryptionSecret, ...], Many("The passphrases; more than one for layered images of librbd since 9.3.0.", implied="secret0")] = ()
    cipher: Annotated[EncryptionCipher | None, Sub("Cipher of a new volume.")] = None
    ivgen: Annotated[EncryptionIv | None, Sub("Initialisation vectors of a new volume.")] = None


class Auth(Block):
    """How libvirt logs in at the storage."""

    element = "auth"

    user: Annotated[str | None, Attr("@username", NAME, "User name.")] = None
    secret: Annotated[Secret | None, Attr("secret/@usage", SECRET, "libvirt's secret that holds the key or password.")] = None
    secret_uuid: Annotated[str | None, Attr("secret/@uuid", UUID, "UUID of that secret, in place of its usage.")] = None
    secret_type: Annotated[str | None, Attr("secret/@type", OneOf("ceph", "iscsi"), "Kind of the secret: ceph for rbd, iscsi for all others.")] = None


class Reconnect(Block):
    """Whether a lost connection is made again."""

    element = "reconnect"

    enabled: Annotated[bool | None, Attr("@enabled", YES_NO, "Whether to connect again.", since="3.7.0")] = None
    timeout: Annotated[Duration | None, Attr("@timeout", SECONDS, "Seconds between attempts.", since="3.7.0")] = None
    delay: Annotated[Duration | None, Attr("@delay", SECONDS, "Seconds for which requests of an nbd disk wait for the server.", since="9.1.0")] = None


class Reservations(Block):
    """Persistent SCSI reservations of the guest."""

    element = "reservations"

    managed: Annotated[bool | None, Attr("@managed", YES_NO, "Whether libvirt runs the helper process itself.", since="4.4.0")] = None
    migration: Annotated[bool | None, Attr("@migration", YES_NO, "Whether a guest with reservations may migrate.", since="11.5.0")] = None
    path: Annotated[str | None, Attr("source[@type='unix']/@path", ABSOLUTE, "Socket of a helper that libvirt does not run.", since="4.4.0")] = None
    mode: Annotated[str | None, Attr("source[@type='unix']/@mode", OneOf("client", "server"), "Side of the socket: always client.", since="4.4.0")] = None
    reconnect: Annotated[Reconnect | None, Sub("Whether the socket is connected again.", at="source/reconnect")] = None


class Slice(Block):
    """A part of the storage that is the whole disk to the guest."""

    element = "slices/slice[@type='storage']"

    offset: Annotated[Size | None, Attr("@offset", BYTES, "Where the part begins, in bytes.", since="6.1.0")] = None
    size: Annotated[Size | None, Attr("@size", BYTES, "How long it is, in bytes.", since="6.1.0")] = None


class Source(Block):
    """What every source takes."""

    format: Annotated[str | None, Attr("driver/@type", DRIVER_FORMAT, "Format of the image.")] = None
    index: Annotated[int | None, Attr("source/@index", POSITIVE, "Number of the layer in the backing chain; libvirt writes it.")] = None
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
        Attr("source/@startupPolicy", OneOf("mandatory", "requisite", "optional"), "What happens when the source is missing; optional drops it.", since="0.9.7"),
    ] = None


class Labelled(Block):
    """A local source that libvirt labels."""

    seclabel: Annotated[tuple[SecurityLabel, ...], Many("Security labels of this source.", at="source/seclabel", since="0.9.9")] = ()


class DataStore(Block):
    """A qcow2 image whose data lie raw in a file of their own."""

    element = "dataStore"

    format: Annotated[str | None, Attr("format/@type", FORMAT, "Format of the data: raw.", since="10.10.0")] = None
    source: Annotated["BackingSource | None", Choice("@type", "Where the data lie.", since="10.10.0")] = None


class WithDataStore(Block):
    """A local image whose data may lie elsewhere."""

    data_store: Annotated[DataStore | None, Sub("The file of the data of a qcow2 image.", at="source/dataStore", since="10.10.0")] = None


class FileSource(WithDataStore, Source, Startup, Encrypted, Labelled):
    """A file of the host."""

    tag = "file"
    positional = ("path",)

    path: Annotated[str | None, Attr("source/@file", PATH, "Absolute path of the file; none is an empty drive.")] = None
    fdgroup: Annotated[str | None, Attr("source/@fdgroup", NAME, "Name of file descriptors that were passed to libvirt.", since="9.0.0")] = None


class BlockSource(WithDataStore, Source, Raw, Startup, Encrypted, Labelled):
    """A block device of the host."""

    tag = "block"
    positional = ("path",)

    path: Annotated[str | None, Attr("source/@dev", PATH, "Path of the device below /dev.")] = None
    reservations: Annotated[Reservations | None, Sub("Persistent reservations.", at="source/reservations", since="4.4.0")] = None


class DirSource(Source, Startup, Encrypted):
    """A directory of the host that the guest sees as a FAT disk."""

    tag = "dir"
    positional = ("path",)

    path: Annotated[str | None, Attr("source/@dir", ABSOLUTE, "Absolute path of the directory.", since="0.7.5")] = None


class VolumeSource(Source, Startup, Encrypted, Labelled):
    """A volume of a storage pool."""

    tag = "volume"
    positional = ("pool", "volume")

    pool: Annotated[str | None, Attr("source/@pool", OBJECT_NAME, "Name of the pool.", since="1.0.5")] = None
    volume: Annotated[str | None, Attr("source/@volume", OBJECT_NAME, "Name of the volume.", since="1.0.5")] = None
    mode: Annotated[str | None, Attr("source/@mode", OneOf("host", "direct"), "Of an iscsi pool: through the host's device or QEMU's own initiator.", since="1.1.1")] = None


class NvmeSource(Source, Raw, Startup, Encrypted):
    """A namespace of an NVMe controller that QEMU drives itself."""

    tag = "nvme"
    constants = (("source/@type", "pci"),)

    namespace: Annotated[int | None, Attr("source/@namespace", UINT32, "Namespace, from 1.", since="6.0.0")] = None
    managed: Annotated[bool | None, Attr("source/@managed", YES_NO, "Whether libvirt takes the controller from the host and gives it back.", since="6.0.0")] = None
    domain: Annotated[int | None, Attr("source/address/@domain", PCI_DOMAIN, "PCI domain of the controller.")] = None
    bus: Annotated[int | None, Attr("source/address/@bus", PCI_BUS, "PCI bus of the controller.")] = None
    slot: Annotated[int | None, Attr("source/address/@slot", PCI_SLOT, "PCI slot of the controller.")] = None
    function: Annotated[int | None, Attr("source/address/@function", PCI_FUNCTION, "PCI function of the controller.")] = None
    multifunction: Annotated[bool | None, Attr("source/address/@multifunction", ON_OFF, "Unused here; libvirt's schema allows it.")] = None

    @classmethod
    def positional_parts(cls, text: str) -> "dict[str, Value] | None":
        return pci_parts(text)


class VhostUserSource(Block):
    """A disk that a process outside QEMU serves over a socket; needs shared memory."""

    tag = "vhostuser"
    constants = (("source/@type", "unix"),)
    positional = ("path",)

    format: Annotated[str | None, Attr("driver/@type", DRIVER_FORMAT, "Format of the image, always raw.")] = None
    path: Annotated[str | None, Attr("source/@path", ABSOLUTE, "Path of the socket.", since="7.1.0")] = None
    reconnect: Annotated[Reconnect | None, Sub("Whether the socket is connected again.", at="source/reconnect", since="7.1.0")] = None


class VhostVdpaSource(Block):
    """A vhost-vdpa device of the host."""

    tag = "vhostvdpa"
    positional = ("path",)

    format: Annotated[str | None, Attr("driver/@type", DRIVER_FORMAT, "Format of the image.", default="raw")] = None
    path: Annotated[str | None, Attr("source/@dev", ABSOLUTE, "Path of the device, /dev/vhost-vdpa-N.", since="9.8.0")] = None


class NetworkSource(Source, Raw, Encrypted):
    """What all network storage takes."""

    when = "network"

    name: Annotated[str | None, Attr("source/@name", TEXT, "What to open on the server: pool/image, export, target or path.", since="0.8.7")] = None


class Logged(Block):
    """Network storage with a user name and a secret of the kind iscsi."""

    user: Annotated[str | None, Attr("source/auth/@username", NAME, "User name.", since="0.9.7")] = None
    secret: Annotated[Secret | None, Attr("source/auth/secret[@type='iscsi']/@usage", SECRET, "libvirt's secret with the password.", since="0.9.7")] = None
    secret_uuid: Annotated[str | None, Attr("source/auth/secret[@type='iscsi']/@uuid", UUID, "UUID of that secret, in place of its usage.", since="0.9.7")] = None


class Hosts(Block):
    """Network storage with a list of servers."""

    hosts: Annotated[tuple[str, ...], Attr("source/host*", ListOf(HOST), "The servers, each host:port.", since="0.8.7")] = ()


class Transfer(Block):
    """Storage that is read with a transfer protocol."""

    readahead: Annotated[Size | None, Attr("source/readahead/@size", BYTES, "How far to read ahead, in bytes.", since="6.2.0")] = None
    timeout: Annotated[Duration | None, Attr("source/timeout/@seconds", SECONDS, "How long to wait for an answer, in seconds.", since="6.2.0")] = None


class Verified(Block):
    """A server with a TLS certificate."""

    ssl_verify: Annotated[bool | None, Attr("source/ssl/@verify", YES_NO, "Whether the server's certificate is checked.", since="6.2.0")] = None


class RbdSource(NetworkSource):
    """An image of a Ceph cluster: `rbd("pool/image", monitors = ["ceph-mon-1:6789"])`."""

    tag = "rbd"
    constants = (("source/@protocol", "rbd"),)
    positional = ("name",)

    monitors: Annotated[tuple[str, ...], Attr("source/host*", ListOf(HOST), "The monitors, each host:port; none: as in Ceph's own configuration.")] = ()
    user: Annotated[str | None, Attr("source/auth/@username", NAME, "Ceph user, without `client.`.", since="0.9.7")] = None
    secret: Annotated[Secret | None, Attr("source/auth/secret[@type='ceph']/@usage", SECRET, "libvirt's secret with the user's key.", since="0.9.7")] = None
    secret_uuid: Annotated[str | None, Attr("source/auth/secret[@type='ceph']/@uuid", UUID, "UUID of that secret, in place of its usage.", since="0.9.7")] = None
    snapshot: Annotated[str | None, Attr("source/snapshot/@name", NAME, "Snapshot of the image to use.", since="1.2.11")] = None
    config: Annotated[str | None, Attr("source/config/@file", ABSOLUTE, "Configuration file for librados.", since="1.2.11")] = None


class NbdSource(NetworkSource, Hosts):
    """An export of an NBD server."""

    tag = "nbd"
    constants = (("source/@protocol", "nbd"),)
    positional = ("name",)

    tls: Annotated[bool | None, Attr("source/@tls", YES_NO, "Whether the connection is encrypted.", since="4.5.0")] = None
    tls_hostname: Annotated[str | None, Attr("source/@tlsHostname", TEXT, "Name that the server's certificate must have.", since="8.2.0")] = None
    reconnect: Annotated[Reconnect | None, Sub("How long requests wait for a lost server.", at="source/reconnect", since="9.1.0")] = None


class IscsiSource(NetworkSource, Hosts, Logged):
    """A LUN that QEMU's own initiator opens."""

    tag = "iscsi"
    constants = (("source/@protocol", "iscsi"),)
    positional = ("name",)

    initiator: Annotated[str | None, Attr("source/initiator/iqn/@name", TEXT, "IQN of the initiator.", since="4.7.0")] = None


class Http(NetworkSource, Hosts, Logged, Transfer):
    """A read-only image on a web server."""

    positional = ("name",)

    query: Annotated[str | None, Attr("source/@query", TEXT, "Query string of the address.", since="6.2.0")] = None
    cookies: Annotated[dict[str, str] | None, OpenMap(COOKIE, "Cookies to send.", place="source/cookies/cookie", key="@name", value="")] = None


class HttpSource(Http):
    """A read-only image on a web server, unencrypted."""

    tag = "http"
    constants = (("source/@protocol", "http"),)


class HttpsSource(Http, Verified):
    """A read-only image on a web server."""

    tag = "https"
    constants = (("source/@protocol", "https"),)


class FtpSource(NetworkSource, Hosts, Logged, Transfer):
    """A read-only image on an FTP server."""

    tag = "ftp"
    constants = (("source/@protocol", "ftp"),)
    positional = ("name",)


class FtpsSource(NetworkSource, Hosts, Logged, Transfer, Verified):
    """A read-only image on an FTP server with TLS."""

    tag = "ftps"
    constants = (("source/@protocol", "ftps"),)
    positional = ("name",)


class TftpSource(NetworkSource, Hosts, Transfer):
    """A read-only image on a TFTP server."""

    tag = "tftp"
    constants = (("source/@protocol", "tftp"),)
    positional = ("name",)


class SheepdogSource(NetworkSource, Hosts, Transfer):
    """An image of a Sheepdog cluster."""

    tag = "sheepdog"
    constants = (("source/@protocol", "sheepdog"),)
    positional = ("name",)


class GlusterSource(NetworkSource, Hosts):
    """An image on a Gluster volume: volume/path."""

    tag = "gluster"
    constants = (("source/@protocol", "gluster"),)
    positional = ("name",)


class VxhsSource(NetworkSource, Hosts):
    """A Veritas HyperScale volume."""

    tag = "vxhs"
    constants = (("source/@protocol", "vxhs"),)
    positional = ("name",)

    tls: Annotated[bool | None, Attr("source/@tls", YES_NO, "Whether the connection is encrypted.", since="4.5.0")] = None


class NfsSource(NetworkSource, Hosts):
    """An image on an NFS export that QEMU opens itself."""

    tag = "nfs"
    constants = (("source/@protocol", "nfs"),)
    positional = ("name",)

    user: Annotated[str | None, Attr("source/identity/@user", NAME, "User as whom to open it: a name, or + and a number.", since="7.0.0")] = None
    group: Annotated[str | None, Attr("source/identity/@group", NAME, "Group as which to open it.", since="7.0.0")] = None


class SshSource(NetworkSource, Hosts, Logged, Transfer):
    """An image read over SSH; needs nbdkit on the host."""

    tag = "ssh"
    constants = (("source/@protocol", "ssh"),)
    positional = ("name",)

    known_hosts: Annotated[str | None, Attr("source/knownHosts/@path", ABSOLUTE, "File with the keys of known servers.", since="9.8.0")] = None
    login: Annotated[str | None, Attr("source/identity/@username", NAME, "User name for a key.", since="9.8.0")] = None
    keyfile: Annotated[str | None, Attr("source/identity/@keyfile", ABSOLUTE, "File with the private key.", since="9.8.0")] = None
    agent: Annotated[str | None, Attr("source/identity/@agentsock", ABSOLUTE, "Socket of an SSH agent.", since="9.8.0")] = None


DiskSource: TypeAlias = (
    FileSource | BlockSource | DirSource | VolumeSource | NvmeSource | VhostUserSource | VhostVdpaSource
    | RbdSource | NbdSource | IscsiSource | HttpSource | HttpsSource | FtpSource | FtpsSource | TftpSource
    | SheepdogSource | GlusterSource | VxhsSource | NfsSource | SshSource
)  # fmt: skip


class Backing(Block):
    """A layer below or beside the disk says its format in an element of its own."""

    format: Annotated[str | None, Attr("format/@type", FORMAT, "Format of the image.")] = None
    metadata_cache: Annotated[
        Size | None, Attr("format/metadata_cache/max_size", SIZE_BYTES, "Largest cache for the tables of a qcow2 image.", since="7.0.0")
    ] = None


class BackingFile(Backing, FileSource):
    """A file below the disk."""


class BackingBlock(Backing, BlockSource):
    """A block device below the disk."""


class BackingDir(Backing, DirSource):
    """A directory below the disk."""


class BackingVolume(Backing, VolumeSource):
    """A volume below the disk."""


class BackingNvme(Backing, NvmeSource):
    """An NVMe namespace below the disk."""


class BackingVhostUser(Backing, VhostUserSource):
    """A vhost-user disk below the disk."""


class BackingVhostVdpa(Backing, VhostVdpaSource):
    """A vhost-vdpa device below the disk."""


class BackingRbd(Backing, RbdSource):
    """A Ceph image below the disk."""


class BackingNbd(Backing, NbdSource):
    """An NBD export below the disk."""


class BackingIscsi(Backing, IscsiSource):
    """An iSCSI LUN below the disk."""


class BackingHttp(Backing, HttpSource):
    """An image on a web server below the disk."""


class BackingHttps(Backing, HttpsSource):
    """An image on a web server below the disk."""


class BackingFtp(Backing, FtpSource):
    """An image on an FTP server below the disk."""


class BackingFtps(Backing, FtpsSource):
    """An image on an FTP server below the disk."""


class BackingTftp(Backing, TftpSource):
    """An image on a TFTP server below the disk."""


class BackingSheepdog(Backing, SheepdogSource):
    """A Sheepdog image below the disk."""


class BackingGluster(Backing, GlusterSource):
    """A Gluster image below the disk."""


class BackingVxhs(Backing, VxhsSource):
    """A HyperScale volume below the disk."""


class BackingNfs(Backing, NfsSource):
    """An NFS image below the disk."""


class BackingSsh(Backing, SshSource):
    """An image read over SSH below the disk."""


BackingSource: TypeAlias = (
    BackingFile | BackingBlock | BackingDir | BackingVolume | BackingNvme | BackingVhostUser | BackingVhostVdpa
    | BackingRbd | BackingNbd | BackingIscsi | BackingHttp | BackingHttps | BackingFtp | BackingFtps | BackingTftp
    | BackingSheepdog | BackingGluster | BackingVxhs | BackingNfs | BackingSsh
)  # fmt: skip


class BackingStore(Block):
    """The layer below a copy-on-write image; an empty one says that the chain ends here."""

    element = "backingStore"
    main = "end"

    end: Annotated[bool | None, Attr("", PRESENCE, "The chain ends here: libvirt is not to look for a further layer.", policy="empty")] = None
    index: Annotated[int | None, Attr("@index", POSITIVE, "Number of the layer; libvirt writes it.")] = None
    source: Annotated[BackingSource | None, Choice("@type", "Where the layer lies.", since="1.2.4")] = None
    backing_store: Annotated["BackingStore | None", Sub("The next layer.", since="1.2.4")] = None


class Mirror(Block):
    """A copy or commit that is under way; only in definitions of running guests."""

    element = "mirror"

    job: Annotated[str | None, Attr("@job", OneOf("copy", "active-commit"), "What is under way.", since="1.2.7")] = None
    ready: Annotated[str | None, Attr("@ready", OneOf("yes", "abort", "pivot"), "How far it is.", since="0.9.12")] = None
    file: Annotated[str | None, Attr("@file", PATH, "Its file, in the form before 1.2.6.", since="0.9.12")] = None
    old_format: Annotated[str | None, Attr("@format", FORMAT, "Its format, in the form before 1.2.6.", since="0.9.12")] = None
    source: Annotated[BackingSource | None, Choice("@type", "Where the copy lies.", since="1.2.6")] = None
    backing_store: Annotated[BackingStore | None, Sub("The layer below the copy.")] = None

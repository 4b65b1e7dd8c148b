"""Where the data of a disk lie, and what lies below them."""

from collections.abc import Mapping
from typing import TypeAlias

from vmspec.model.block import Annotated, Attr, Block, Choice, Sub
from vmspec.model.devices.kinds import (
    ABSOLUTE,
    IMAGE_PATH,
    OBJECT_NAME,
    PATH,
    PCI_BUS,
    PCI_DOMAIN,
    PCI_FUNCTION,
    PCI_SLOT,
    POSITIVE,
    UINT32,
    pci_parts,
    pci_text,
)
from vmspec.model.devices.storage_net import (
    FtpSource,
    FtpsSource,
    GlusterSource,
    HttpSource,
    HttpsSource,
    IscsiSource,
    NbdSource,
    NfsSource,
    RbdSource,
    SheepdogSource,
    SshSource,
    TftpSource,
    VxhsSource,
)
from vmspec.model.devices.storage_parts import (
    DRIVER_FORMAT,
    FORMAT,
    Encrypted,
    Labelled,
    Raw,
    Reconnect,
    Reservations,
    Source,
    Startup,
)
from vmspec.model.kind import NAME, ON_OFF, PRESENCE, SIZE_BYTES, YES_NO, OneOf
from vmspec.model.value import Size, Value


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

    path: Annotated[str | None, Attr("source/@file", IMAGE_PATH, "Absolute path of the file; none is an empty drive.")] = None
    fdgroup: Annotated[
        str | None, Attr("source/@fdgroup", NAME, "Name of file descriptors that were passed to libvirt.", since="9.0.0")
    ] = None
    implicit: Annotated[bool | None, Attr(None, YES_NO, "The type is left unwritten, for libvirt's default; only imports need it.")] = None


class BlockSource(WithDataStore, Source, Raw, Startup, Encrypted, Labelled):
    """A block device of the host."""

    tag = "block"
    positional = ("path",)

    path: Annotated[str | None, Attr("source/@dev", IMAGE_PATH, "Path of the device below /dev.")] = None
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
    mode: Annotated[
        str | None,
        Attr(
            "source/@mode", OneOf("host", "direct"), "Of an iscsi pool: through the host's device or QEMU's own initiator.", since="1.1.1"
        ),
    ] = None


class NvmeSource(Source, Raw, Startup, Encrypted):
    """A namespace of an NVMe controller that QEMU drives itself."""

    tag = "nvme"
    constants = (("source/@type", "pci"),)

    namespace: Annotated[int | None, Attr("source/@namespace", UINT32, "Namespace, from 1.", since="6.0.0")] = None
    managed: Annotated[
        bool | None, Attr("source/@managed", YES_NO, "Whether libvirt takes the controller from the host and gives it back.", since="6.0.0")
    ] = None
    domain: Annotated[int | None, Attr("source/address/@domain", PCI_DOMAIN, "PCI domain of the controller.")] = None
    bus: Annotated[int | None, Attr("source/address/@bus", PCI_BUS, "PCI bus of the controller.")] = None
    slot: Annotated[int | None, Attr("source/address/@slot", PCI_SLOT, "PCI slot of the controller.")] = None
    function: Annotated[int | None, Attr("source/address/@function", PCI_FUNCTION, "PCI function of the controller.")] = None
    multifunction: Annotated[bool | None, Attr("source/address/@multifunction", ON_OFF, "Unused here; libvirt's schema allows it.")] = None

    @classmethod
    def positional_parts(cls, text: str) -> "dict[str, Value] | None":
        return pci_parts(text)

    @classmethod
    def joined_parts(cls, values: "Mapping[str, Value]") -> str | None:
        return pci_text(values)


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


class CtlSource(Block):
    """A CAM target of FreeBSD, for bhyve."""

    tag = "ctl"
    positional = ("path",)

    path: Annotated[str | None, Attr("source/@dev", ABSOLUTE, "Path of the device.", since="12.0.0")] = None


DiskSource: TypeAlias = (
    FileSource | BlockSource | DirSource | VolumeSource | NvmeSource | VhostUserSource | VhostVdpaSource | CtlSource
    | RbdSource | NbdSource | IscsiSource | HttpSource | HttpsSource | FtpSource | FtpsSource | TftpSource
    | SheepdogSource | GlusterSource | VxhsSource | NfsSource | SshSource
)  # fmt: skip


class Backing(Block):
    """A layer below or beside the disk says its format in an element of its own."""

    format: Annotated[str | None, Attr("format/@type", FORMAT, "Format of the image.")] = None
    metadata_cache: Annotated[
        Size | None,
        Attr("format/metadata_cache/max_size", SIZE_BYTES, "Largest cache for the tables of a qcow2 image.", since="7.0.0", unchecked=True),
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


class BackingCtl(Backing, CtlSource):
    """A CAM target below the disk."""


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
    | BackingCtl | BackingRbd | BackingNbd | BackingIscsi | BackingHttp | BackingHttps | BackingFtp | BackingFtps | BackingTftp
    | BackingSheepdog | BackingGluster | BackingVxhs | BackingNfs | BackingSsh
)  # fmt: skip


class BackingStore(Block):
    """The layer below a copy-on-write image; an empty one says that the chain ends here."""

    element = "backingStore"
    main = "end"

    end: Annotated[bool | None, Attr("", PRESENCE, "The chain ends here: libvirt is not to look for a further layer.", policy="empty")] = (
        None
    )
    index: Annotated[int | None, Attr("@index", POSITIVE, "Number of the layer; libvirt writes it.", unchecked=True)] = None
    source: Annotated[BackingSource | None, Choice("@type", "Where the layer lies.", since="1.2.4")] = None
    backing_store: Annotated["BackingStore | None", Sub("The next layer.", since="1.2.4")] = None


class Mirror(Block):
    """A copy or commit that is under way; only in definitions of running guests."""

    element = "mirror"

    job: Annotated[str | None, Attr("@job", OneOf("copy", "active-commit"), "What is under way.", since="1.2.7", unchecked=True)] = None
    ready: Annotated[str | None, Attr("@ready", OneOf("yes", "abort", "pivot"), "How far it is.", since="0.9.12", unchecked=True)] = None
    file: Annotated[str | None, Attr("@file", PATH, "Its file, in the form before 1.2.6.", since="0.9.12", unchecked=True)] = None
    old_format: Annotated[str | None, Attr("@format", FORMAT, "Its format, in the form before 1.2.6.", since="0.9.12")] = None
    source: Annotated[BackingSource | None, Choice("@type", "Where the copy lies.", since="1.2.6")] = None
    backing_store: Annotated[BackingStore | None, Sub("The layer below the copy.")] = None

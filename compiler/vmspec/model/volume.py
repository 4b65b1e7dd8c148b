"""A storage volume of libvirt (docs/formatstorage.rst, src/conf/schemas/storagevol.rng 9.0.0)."""

from vmspec.model.block import Annotated, Attr, Block, Sub
from vmspec.model.devices.storage_parts import Encryption
from vmspec.model.kind import PLACE, POOL, PRESENCE, SIZE_BYTES, TEXT, Integer, OneOf, Words
from vmspec.model.pool import OCTAL
from vmspec.model.value import Size, Symbol, Value

_FILE = ("raw", "qcow2", "qcow", "qed", "vmdk", "vdi", "vpc", "vhd", "bochs", "cloop", "dmg", "iso", "dir", "fat", "ploop", "luks", "cow")
_DEVICE = ("auto", "ext2", "ext3", "ext4", "ufs", "iso9660", "udf", "gfs", "gfs2", "vfat", "hfs+", "xfs", "ocfs2", "vmfs")
_PARTITION = ("linux", "fat16", "fat32", "linux-swap", "linux-lvm", "linux-raid", "extended")
FORMAT = OneOf(*_FILE, *_DEVICE, *_PARTITION, "unknown", "none")


class BackingVolume(Block):
    """The volume below a copy-on-write volume."""

    element = "backingStore"
    main = "path"

    path: Annotated[str | None, Attr("path", TEXT, "Its path.", since="0.6.0")] = None
    format: Annotated[Symbol | None, Attr("format/@type", FORMAT, "Its format.", since="0.6.0")] = None


class Volume(Block):
    """A storage volume."""

    element = "volume"

    type: Annotated[
        Symbol | None, Attr("@type", OneOf("file", "block", "dir", "network", "netdir", "ploop"), "What it is; libvirt writes it.")
    ] = None
    name: Annotated[str | None, Attr("name", TEXT, "Name; the label of the block says it.", since="0.4.1")] = None
    pool: Annotated["Value | None", Attr(None, POOL, "The pool that it lies in.")] = None
    place: Annotated["Value | None", Attr(None, PLACE, "The host that it is placed on.")] = None
    key: Annotated[str | None, Attr("key", TEXT, "libvirt's own key of it.")] = None
    capacity: Annotated[Size | None, Attr("capacity", SIZE_BYTES, "Size that guests see.", since="0.4.1")] = None
    allocation: Annotated[Size | None, Attr("allocation", SIZE_BYTES, "Room that is taken at once.", since="0.4.1")] = None
    physical: Annotated[Size | None, Attr("physical", SIZE_BYTES, "Size on the host; libvirt writes it.", since="3.0.0")] = None
    path: Annotated[str | None, Attr("target/path", TEXT, "Where it is on the host; libvirt writes it.", since="0.4.1")] = None
    format: Annotated[Symbol | None, Attr("target/format/@type", FORMAT, "Format.", since="0.4.1")] = None
    mode: Annotated[Symbol | None, Attr("target/permissions/mode", OCTAL, "Mode of the file.", since="0.4.1")] = None
    owner: Annotated[int | None, Attr("target/permissions/owner", Integer(-1), "Its owner.", since="0.4.1")] = None
    group: Annotated[int | None, Attr("target/permissions/group", Integer(-1), "Its group.", since="0.4.1")] = None
    label_: Annotated[str | None, Attr("target/permissions/label", TEXT, "Its security label.", since="0.4.1")] = None
    compat: Annotated[
        str | None,
        Attr("target/compat", Words(r"[0-9]+\.[0-9]+", 'a version such as "1.1"', symbol=True), "Version of qcow2.", since="1.1.0"),
    ] = None
    nocow: Annotated[bool | None, Attr("target/nocow", PRESENCE, "No copy on write of the file system.", since="1.2.7")] = None
    cluster_size: Annotated[Size | None, Attr("target/clusterSize", SIZE_BYTES, "Cluster of qcow2.", since="7.4.0")] = None
    lazy_refcounts: Annotated[
        bool | None, Attr("target/features/lazy_refcounts", PRESENCE, "Reference counts of qcow2 are written late.", since="1.1.0")
    ] = None
    extended_l2: Annotated[bool | None, Attr("target/features/extended_l2", PRESENCE, "Subclusters of qcow2.", since="8.0.0")] = None
    encryption: Annotated[Encryption | None, Sub("How it is encrypted.", at="target/encryption", since="0.7.1")] = None
    backing_store: Annotated[BackingVolume | None, Sub("The volume below it.", since="0.6.0")] = None

"""A storage pool of libvirt (docs/formatstorage.rst, src/conf/schemas/storagepool.rng 9.0.0)."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap
from vmspec.model.devices.kinds import HOST, SECRET_UUID, UUID
from vmspec.model.kind import NAME, PLACE, SECRET, SIZE_BYTES, TEXT, YES_NO, Integer, ListOf, OneOf, Words
from vmspec.model.value import Secret, Size, Symbol, Value

OCTAL = Words(r"[0-7]+", "a file mode such as 0755", symbol=True)
_FILE_SYSTEMS = ("auto", "ext2", "ext3", "ext4", "ufs", "iso9660", "udf", "gfs", "gfs2", "vfat", "hfs+", "xfs", "ocfs2", "vmfs")
_TABLES = ("dos", "dvh", "gpt", "mac", "bsd", "pc98", "sun", "lvm2")
FORMAT = OneOf(*_FILE_SYSTEMS, "nfs", "cifs", "glusterfs", *_TABLES, "unknown")


class PoolDevice(Block):
    """A device of the host that the pool is made of."""

    element = "source/device"

    path: Annotated[str | None, Attr("@path", TEXT, "Path of the device, or name of the target.", since="0.4.1")] = None
    part_separator: Annotated[bool | None, Attr("@part_separator", YES_NO, "Partitions have a `p` before their number.", since="1.3.1")] = (
        None
    )


class Pool(Block):
    """A storage pool."""

    element = "pool"

    type: Annotated[
        Symbol | None,
        Attr(
            "@type",
            OneOf(
                "dir",
                "fs",
                "netfs",
                "logical",
                "disk",
                "iscsi",
                "iscsi-direct",
                "scsi",
                "mpath",
                "rbd",
                "sheepdog",
                "gluster",
                "zfs",
                "vstorage",
            ),
            "What the pool is.",
            since="0.4.1",
        ),
    ] = None
    name: Annotated[str | None, Attr("name", TEXT, "Name; the label of the block says it.", since="0.4.1")] = None
    uuid: Annotated[Symbol | None, Attr("uuid", UUID, "Identity.", since="0.4.1")] = None
    place: Annotated["Value | None", Attr(None, PLACE, "The host that it is placed on.")] = None
    autostart: Annotated[bool | None, Attr(None, YES_NO, "Started together with the host. Has no effect in this version.")] = None
    capacity: Annotated[Size | None, Attr("capacity", SIZE_BYTES, "Room; libvirt writes it.", since="0.4.1")] = None
    allocation: Annotated[Size | None, Attr("allocation", SIZE_BYTES, "Room in use; libvirt writes it.", since="0.4.1")] = None
    available: Annotated[Size | None, Attr("available", SIZE_BYTES, "Free room; libvirt writes it.", since="0.4.1")] = None
    cow: Annotated[
        bool | None, Attr("features/cow/@state", YES_NO, "Copy on write of the file system, of new directories.", since="6.6.0")
    ] = None
    source_name: Annotated[str | None, Attr("source/name", TEXT, "Volume group, Ceph pool, Gluster volume, ZFS pool.", since="0.4.5")] = (
        None
    )
    hosts: Annotated[tuple[str, ...] | None, Attr("source/host*", ListOf(HOST), "The servers.", since="0.4.1")] = None
    device: Annotated[tuple[PoolDevice, ...], Many("A device that it is made of.", since="0.4.1")] = ()
    dir: Annotated[str | None, Attr("source/dir/@path", TEXT, "Directory on the server.", since="0.4.1")] = None
    format: Annotated[Symbol | None, Attr("source/format/@type", FORMAT, "File system, partition table or protocol.", since="0.4.1")] = None
    protocol: Annotated[str | None, Attr("source/protocol/@ver", TEXT, "Version of NFS.", since="5.1.0")] = None
    initiator: Annotated[str | None, Attr("source/initiator/iqn/@name", TEXT, "IQN of the initiator.", since="0.7.7")] = None
    auth_type: Annotated[Symbol | None, Attr("source/auth/@type", OneOf("chap", "ceph"), "Kind of the secret.", since="0.9.13")] = None
    user: Annotated[str | None, Attr("source/auth/@username", TEXT, "User name.", since="0.4.1")] = None
    secret: Annotated[Secret | None, Attr("source/auth/secret/@usage", SECRET, "libvirt's secret with the key.", since="0.9.13")] = None
    secret_uuid: Annotated[Symbol | None, Attr("source/auth/secret/@uuid", SECRET_UUID, "UUID of that secret.", since="0.9.13")] = None
    adapter_type: Annotated[
        Symbol | None, Attr("source/adapter/@type", OneOf("scsi_host", "fc_host"), "Kind of SCSI adapter.", since="1.0.5")
    ] = None
    adapter: Annotated[str | None, Attr("source/adapter/@name", TEXT, "SCSI adapter.", since="0.6.2")] = None
    wwnn: Annotated[str | None, Attr("source/adapter/@wwnn", NAME, "Node name on the Fibre Channel.", since="1.0.4")] = None
    wwpn: Annotated[str | None, Attr("source/adapter/@wwpn", NAME, "Port name on the Fibre Channel.", since="1.0.4")] = None
    parent: Annotated[str | None, Attr("source/adapter/@parent", TEXT, "Adapter that the virtual one is made of.", since="1.0.4")] = None
    managed: Annotated[bool | None, Attr("source/adapter/@managed", YES_NO, "The virtual adapter goes with the pool.", since="1.2.15")] = (
        None
    )
    vendor: Annotated[str | None, Attr("source/vendor/@name", TEXT, "Vendor of the storage.", since="0.8.4")] = None
    product: Annotated[str | None, Attr("source/product/@name", TEXT, "Product.", since="0.8.4")] = None
    target: Annotated[str | None, Attr("target/path", TEXT, "Where it appears on the host.", since="0.4.1")] = None
    mode: Annotated[Symbol | None, Attr("target/permissions/mode", OCTAL, "Mode of a directory that libvirt makes.", since="0.4.1")] = None
    owner: Annotated[int | None, Attr("target/permissions/owner", Integer(-1), "Its owner.", since="0.4.1")] = None
    group: Annotated[int | None, Attr("target/permissions/group", Integer(-1), "Its group.", since="0.4.1")] = None
    label_: Annotated[str | None, Attr("target/permissions/label", TEXT, "Its security label.", since="0.4.1")] = None
    refresh_allocation: Annotated[
        Symbol | None,
        Attr("refresh/volume/@allocation", OneOf("default", "capacity"), "How the room that volumes take is counted.", since="5.2.0"),
    ] = None
    mount_options: Annotated[
        tuple[str, ...] | None, Attr("fs:mount_opts/fs:option*/@name", ListOf(TEXT), "Options of mount.", since="5.1.0")
    ] = None
    config_options: Annotated[
        Mapping[str, Value] | None, OpenMap(TEXT, "Options of librados.", place="rbd:config_opts/rbd:option", key="@name", value="@value")
    ] = None

"""A directory of the host that the guest can mount."""

from vmspec.model.block import Annotated, Attr, Block, Choice, Many, Sub
from vmspec.model.devices.device import Boot, Device, Virtio
from vmspec.model.devices.disk import VIRTIO_MODELS
from vmspec.model.devices.kinds import ABSOLUTE, COUNT, INT, OCTAL, POSITIVE, RAM
from vmspec.model.devices.storage_parts import FORMAT
from vmspec.model.kind import NAME, ON_OFF, PRESENCE, SIZE_BYTES, TEXT, YES_NO, HostPath, OneOf
from vmspec.model.value import Size

DIRECTORY = HostPath(r"/.*", "an absolute path")


class MountSource(Block):
    """A directory of the host, by virtiofs or 9p."""

    tag = "mount"
    positional = ("dir",)

    dir: Annotated[str | None, Attr("source/@dir", DIRECTORY, "The directory.", since="0.8.5")] = None
    socket: Annotated[
        str | None,
        Attr("source/@socket", ABSOLUTE, "Socket of a virtiofsd that libvirt does not run, in place of a directory.", since="6.2.0"),
    ] = None
    implicit: Annotated[bool | None, Attr(None, YES_NO, "The type is left unwritten, for libvirt's default; only imports need it.")] = None


class TemplateSource(Block):
    """A template of OpenVZ."""

    tag = "template"
    positional = ("name",)

    name: Annotated[str | None, Attr("source/@name", NAME, "Name of the template.", since="0.6.2")] = None


class FileSource(Block):
    """An image file for a container."""

    tag = "file"
    positional = ("file",)

    file: Annotated[str | None, Attr("source/@file", ABSOLUTE, "The file.", since="0.9.5")] = None


class BlockSource(Block):
    """A block device for a container."""

    tag = "block"
    positional = ("dev",)

    dev: Annotated[str | None, Attr("source/@dev", ABSOLUTE, "The device.", since="0.9.5")] = None


class RamSource(Block):
    """Memory for a container."""

    tag = "ram"
    positional = ("usage",)

    usage: Annotated[Size | None, Attr("source", RAM, "Its size.", since="0.9.13")] = None


class BindSource(Block):
    """A directory of a container that it sees a second time."""

    tag = "bind"
    positional = ("dir",)

    dir: Annotated[str | None, Attr("source/@dir", DIRECTORY, "The directory.", since="0.9.13")] = None


class Binary(Block):
    """The virtiofsd process."""

    element = "binary"

    path: Annotated[str | None, Attr("@path", ABSOLUTE, "The program.", since="6.2.0")] = None
    xattr: Annotated[bool | None, Attr("@xattr", ON_OFF, "Whether extended attributes are kept.", since="6.2.0")] = None
    cache: Annotated[str | None, Attr("cache/@mode", OneOf("none", "always"), "What the guest may cache.", since="6.2.0")] = None
    sandbox: Annotated[str | None, Attr("sandbox/@mode", OneOf("namespace", "chroot"), "How the process is locked in.", since="7.2.0")] = (
        None
    )
    lock_posix: Annotated[bool | None, Attr("lock/@posix", ON_OFF, "Whether POSIX locks reach the host.", since="6.2.0")] = None
    lock_flock: Annotated[bool | None, Attr("lock/@flock", ON_OFF, "Whether BSD locks reach the host.", since="6.2.0")] = None
    thread_pool: Annotated[int | None, Attr("thread_pool/@size", INT, "Number of threads; 0 for none.", since="8.5.0")] = None
    open_files: Annotated[int | None, Attr("openfiles/@max", POSITIVE, "Most files that it may have open.")] = None


class IdmapEntry(Block):
    """A range of ids of the guest and where it lies on the host."""

    start: Annotated[int | None, Attr("@start", COUNT, "First id in the guest.", since="10.0.0")] = None
    target: Annotated[int | None, Attr("@target", COUNT, "First id on the host.", since="10.0.0")] = None
    count: Annotated[int | None, Attr("@count", COUNT, "How many.", since="10.0.0")] = None


class UidMap(IdmapEntry):
    """A range of user ids."""

    element = "uid"


class GidMap(IdmapEntry):
    """A range of group ids."""

    element = "gid"


class Idmap(Block):
    """Ids of the guest and of the host, for virtiofs without privileges."""

    element = "idmap"

    uid: Annotated[tuple[UidMap, ...], Many("User ids.", implied="uid0", since="10.0.0")] = ()
    gid: Annotated[tuple[GidMap, ...], Many("Group ids.", implied="gid0", since="10.0.0")] = ()


class Filesystem(Virtio, Boot, Device):
    """A directory of the host that the guest can mount."""

    element = "devices/filesystem"

    accessmode: Annotated[
        str | None,
        Attr("@accessmode", OneOf("passthrough", "mapped", "squash"), "As whom the guest's files are made on the host.", since="0.8.5"),
    ] = None
    model: Annotated[str | None, Attr("@model", OneOf(*VIRTIO_MODELS), "Model of the virtio device.", since="5.2.0")] = None
    multidevs: Annotated[
        str | None,
        Attr(
            "@multidevs",
            OneOf("default", "remap", "forbid", "warn"),
            "What 9p does with several devices below the directory.",
            since="6.3.0",
        ),
    ] = None
    fmode: Annotated[str | None, Attr("@fmode", OCTAL, "Mode of new files, such as 0600 (mapped).", since="6.10.0")] = None
    dmode: Annotated[str | None, Attr("@dmode", OCTAL, "Mode of new directories, such as 0700 (mapped).", since="6.10.0")] = None
    driver: Annotated[
        str | None,
        Attr(
            "driver/@type",
            OneOf("path", "handle", "loop", "nbd", "ploop", "virtiofs", "mtp", since={"mtp": "10.2.0"}),
            "Kind: virtiofs is fast and needs shared memory; path is 9p; mtp since 10.2.0.",
            since="1.0.6",
        ),
    ] = None
    format: Annotated[str | None, Attr("driver/@format", FORMAT, "Format of an image file for a container.", since="1.0.6")] = None
    wrpolicy: Annotated[
        str | None, Attr("driver/@wrpolicy", OneOf("immediate"), "Whether what is written goes to the disk at once (9p).", since="0.9.10")
    ] = None
    queue: Annotated[int | None, Attr("driver/@queue", COUNT, "Entries of the virtiofs queue.", since="6.2.0")] = None
    binary: Annotated[Binary | None, Sub("The virtiofsd process.", since="6.2.0")] = None
    source: Annotated[
        MountSource | TemplateSource | FileSource | BlockSource | RamSource | BindSource | None,
        Choice("@type", "What is mounted: mount, file, block, ram and others.", absent="mount"),
    ] = None
    idmap: Annotated[Idmap | None, Sub("Mapping of ids for virtiofs.", since="10.0.0")] = None
    target: Annotated[
        str | None, Attr("target/@dir", TEXT, "Tag by which the guest mounts it; of a container: the directory.", since="0.3.3")
    ] = None
    readonly: Annotated[bool | None, Attr("readonly", PRESENCE, "The guest cannot write.")] = None
    space_hard_limit: Annotated[
        Size | None, Attr("space_hard_limit", SIZE_BYTES, "Most space that the guest may take.", since="0.9.13")
    ] = None
    space_soft_limit: Annotated[Size | None, Attr("space_soft_limit", SIZE_BYTES, "Space beyond which it is warned.", since="0.9.13")] = (
        None
    )

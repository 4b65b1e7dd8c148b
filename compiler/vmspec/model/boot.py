"""What the guest boots: firmware, boot order, kernel, container init (docs/formatdomain.rst 9.0.0, "Operating system booting")."""

from collections.abc import Mapping
from typing import TypeAlias

from vmspec.model.block import Annotated, Attr, Block, Choice, Many, OpenMap, Sub
from vmspec.model.devices.storage import (
    BlockSource,
    CtlSource,
    DirSource,
    FileSource,
    NvmeSource,
    VhostUserSource,
    VhostVdpaSource,
    VolumeSource,
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
from vmspec.model.devices.storage_parts import FORMAT
from vmspec.model.kind import HOST_PATH, NAME, TEXT, YES_NO, Either, ListOf, OneOf, WordFor
from vmspec.model.units import MILLISECONDS
from vmspec.model.value import Duration, Symbol, Value

PATH = HOST_PATH


class NvramFormat(Block):
    """Firmware variables say their format in an attribute of their own."""

    format: Annotated[Symbol | None, Attr("@format", FORMAT, "Format of the image.", since="9.2.0")] = None


class NvramFile(NvramFormat, FileSource):
    """Variables in a file."""


class NvramBlock(NvramFormat, BlockSource):
    """Variables on a block device."""


class NvramDir(NvramFormat, DirSource):
    """A directory; the schema has it, no hypervisor does."""


class NvramVolume(NvramFormat, VolumeSource):
    """Variables in a volume."""


class NvramNvme(NvramFormat, NvmeSource):
    """Variables on an NVMe namespace; the schema has it, no hypervisor does."""


class NvramVhostUser(NvramFormat, VhostUserSource):
    """Variables behind vhost-user; the schema has it, no hypervisor does."""


class NvramVhostVdpa(NvramFormat, VhostVdpaSource):
    """Variables on a vhost-vdpa device; the schema has it, no hypervisor does."""


class NvramCtl(NvramFormat, CtlSource):
    """Variables on a CAM target; the schema has it, no hypervisor does."""


class NvramRbd(NvramFormat, RbdSource):
    """Variables in a Ceph image."""


class NvramNbd(NvramFormat, NbdSource):
    """Variables behind an NBD server."""


class NvramIscsi(NvramFormat, IscsiSource):
    """Variables on an iSCSI LUN."""


class NvramHttp(NvramFormat, HttpSource):
    """Variables on a web server."""


class NvramHttps(NvramFormat, HttpsSource):
    """Variables on a web server."""


class NvramFtp(NvramFormat, FtpSource):
    """Variables on an FTP server."""


class NvramFtps(NvramFormat, FtpsSource):
    """Variables on an FTP server."""


class NvramTftp(NvramFormat, TftpSource):
    """Variables on a TFTP server."""


class NvramSheepdog(NvramFormat, SheepdogSource):
    """Variables in a Sheepdog image."""


class NvramGluster(NvramFormat, GlusterSource):
    """Variables on a Gluster volume."""


class NvramVxhs(NvramFormat, VxhsSource):
    """Variables on a HyperScale volume."""


class NvramNfs(NvramFormat, NfsSource):
    """Variables on an NFS export."""


class NvramSsh(NvramFormat, SshSource):
    """Variables in a file that is read over SSH."""


NvramSource: TypeAlias = (
    NvramFile | NvramBlock | NvramDir | NvramVolume | NvramNvme | NvramVhostUser | NvramVhostVdpa
    | NvramCtl | NvramRbd | NvramNbd | NvramIscsi
    | NvramHttp | NvramHttps | NvramFtp | NvramFtps | NvramTftp | NvramSheepdog | NvramGluster | NvramVxhs | NvramNfs | NvramSsh
)  # fmt: skip


class Nvram(Block):
    """The firmware's variables, which outlive the guest's boots."""

    element = "os/nvram"
    main = "path"

    template: Annotated[str | None, Attr("@template", PATH, "File that a missing one is copied from.", since="1.2.8")] = None
    template_format: Annotated[Symbol | None, Attr("@templateFormat", FORMAT, "Format of the template.", since="10.10.0")] = None
    path: Annotated[str | None, Attr("", PATH, "File that holds the variables.", since="1.2.8")] = None
    source: Annotated[
        NvramSource | None, Choice("@type", "Storage that holds the variables, where that is not a plain file.", since="8.5.0")
    ] = None
    own_format: Annotated[Symbol | None, Attr("@format", FORMAT, "Format of the file.", since="9.2.0")] = None


class Firmware(Block):
    """What runs before the guest's own code."""

    type: Annotated[
        Symbol | None,
        Attr("os/@firmware", OneOf("bios", "efi"), "libvirt chooses a firmware of this kind by its descriptors.", since="5.2.0"),
    ] = None
    enrolled_keys: Annotated[
        bool | None,
        Attr(
            "os/firmware/feature[@name='enrolled-keys']/@enabled",
            YES_NO,
            "Its variables come with the vendors' keys, or do not.",
            since="7.2.0",
        ),
    ] = None
    secure_boot: Annotated[
        bool | None,
        Attr(
            "os/firmware/feature[@name='secure-boot']/@enabled", YES_NO, "The chosen firmware has Secure Boot, or has not.", since="7.2.0"
        ),
    ] = None
    loader: Annotated[str | None, Attr("os/loader", PATH, "File of the firmware.", since="0.1.0")] = None
    loader_readonly: Annotated[bool | None, Attr("os/loader/@readonly", YES_NO, "The guest cannot write to it.", since="1.2.8")] = None
    loader_secure: Annotated[bool | None, Attr("os/loader/@secure", YES_NO, "It has Secure Boot; needs q35 and SMM.", since="2.1.0")] = None
    loader_type: Annotated[
        Symbol | None, Attr("os/loader/@type", OneOf("rom", "pflash"), "How it is mapped; UEFI: pflash.", since="1.2.8")
    ] = None
    loader_format: Annotated[Symbol | None, Attr("os/loader/@format", FORMAT, "Format of the file.", since="9.2.0")] = None
    stateless: Annotated[bool | None, Attr("os/loader/@stateless", YES_NO, "There are no variables to keep.", since="8.6.0")] = None
    nvram: Annotated[Nvram | None, Sub("The firmware's variables.", since="1.2.8")] = None
    varstore: Annotated[
        str | None, Attr("os/varstore/@path", PATH, "File with the variables in JSON, for the uefi-vars device.", since="12.1.0")
    ] = None
    varstore_template: Annotated[
        str | None, Attr("os/varstore/@template", PATH, "File that a missing one is copied from.", since="12.1.0")
    ] = None
    useserial: Annotated[
        bool | None, Attr("os/bios/@useserial", YES_NO, "SeaBIOS speaks on the serial line.", since="0.9.4", unchecked=True)
    ] = None
    reboot_timeout: Annotated[
        "Value | None",
        Attr(
            "os/bios/@rebootTimeout",
            Either(MILLISECONDS, WordFor("never", "-1")),
            "How long to wait before the next attempt when nothing boots.",
            since="0.10.2",
        ),
    ] = None


class AcpiTable(Block):
    """An ACPI table that the guest finds."""

    element = "os/acpi/table"

    type: Annotated[
        Symbol | None,
        Attr(
            "@type",
            OneOf("slic", "msdm", "raw", "rawset", since=dict.fromkeys(("msdm", "raw", "rawset"), "11.2.0")),
            "Which table; only slic before 11.2.0.",
            since="1.3.5",
        ),
    ] = None
    path: Annotated[str | None, Attr("", PATH, "File with the table.", since="1.3.5")] = None


class Boot(Block):
    """What is booted."""

    devices: Annotated[
        tuple[Symbol, ...] | None,
        Attr(
            "os/boot*/@dev",
            ListOf(OneOf("hd", "fd", "cdrom", "network")),
            "Kinds of device in the order of trying; not together with `boot` of a device.",
            since="0.1.3",
        ),
    ] = None
    kernel: Annotated[str | None, Attr("os/kernel", PATH, "Kernel on the host to boot directly.")] = None
    initrd: Annotated[str | None, Attr("os/initrd", PATH, "Its initial RAM disk.")] = None
    cmdline: Annotated[str | None, Attr("os/cmdline", TEXT, "Its command line.")] = None
    shim: Annotated[str | None, Attr("os/shim", PATH, "First-stage loader that verifies it.", since="11.2.0")] = None
    dtb: Annotated[str | None, Attr("os/dtb", PATH, "Device tree.", since="1.0.4")] = None
    root: Annotated[str | None, Attr("os/root", PATH, "Root file system, of Xen guests.")] = None
    menu: Annotated[bool | None, Attr("os/bootmenu/@enable", YES_NO, "Whether the firmware shows a menu.", since="0.8.3")] = None
    menu_timeout: Annotated[Duration | None, Attr("os/bootmenu/@timeout", MILLISECONDS, "How long it shows the menu.", since="0.10.2")] = (
        None
    )
    smbios: Annotated[
        Symbol | None,
        Attr(
            "os/smbios/@mode",
            OneOf("emulate", "host", "sysinfo"),
            "Where SMBIOS data come from: QEMU, the host, or `sysinfo`.",
            since="0.8.7",
            unchecked=True,
        ),
    ] = None
    acpi_table: Annotated[tuple[AcpiTable, ...], Many("Further ACPI tables.", since="1.3.5")] = ()
    bootloader: Annotated[
        str | None, Attr("bootloader", TEXT, "Program on the host that finds the kernel, such as pygrub.", since="0.1.0")
    ] = None
    bootloader_args: Annotated[str | None, Attr("bootloader_args", TEXT, "Its arguments.", since="0.2.3")] = None
    init: Annotated[str | None, Attr("os/init", PATH, "First program of a container.")] = None
    init_args: Annotated[tuple[str, ...] | None, Attr("os/initarg*", ListOf(TEXT), "Its arguments.")] = None
    init_env: Annotated[Mapping[str, Value] | None, OpenMap(TEXT, "Its environment.", place="os/initenv", key="@name", value="")] = None
    init_dir: Annotated[str | None, Attr("os/initdir", PATH, "Its directory.")] = None
    init_user: Annotated[str | None, Attr("os/inituser", NAME, "Its user.")] = None
    init_group: Annotated[str | None, Attr("os/initgroup", NAME, "Its group.")] = None

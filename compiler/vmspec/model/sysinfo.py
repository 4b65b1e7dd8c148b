"""What the guest reads of its machine in SMBIOS and fw_cfg (docs/formatdomain.rst 9.0.0, "SMBIOS System Information")."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap
from vmspec.model.kind import TEXT, ListOf
from vmspec.model.value import Value


class BaseBoard(Block):
    """SMBIOS block 2: a board of the machine."""

    element = "sysinfo[@type='smbios']/baseBoard"

    entries: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            TEXT,
            "What the board says of itself, by name.",
            place="entry",
            key="@name",
            value="",
            keys=("manufacturer", "product", "version", "serial", "asset", "location"),
            since="1.2.18",
        ),
    ] = None


class SysInfo(Block):
    """What the guest reads of its machine; `boot { smbios = sysinfo }` makes QEMU use the SMBIOS parts."""

    bios: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            TEXT,
            "SMBIOS block 0, by name.",
            place="sysinfo[@type='smbios']/bios/entry",
            key="@name",
            value="",
            keys=("vendor", "version", "date", "release"),
            since="0.8.7",
        ),
    ] = None
    system: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            TEXT,
            "SMBIOS block 1, by name.",
            place="sysinfo[@type='smbios']/system/entry",
            key="@name",
            value="",
            keys=("manufacturer", "product", "version", "serial", "uuid", "sku", "family"),
            since="0.8.7",
        ),
    ] = None
    base_board: Annotated[tuple[BaseBoard, ...], Many("The boards.", implied="board0")] = ()
    chassis: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            TEXT,
            "SMBIOS block 3, by name.",
            place="sysinfo[@type='smbios']/chassis/entry",
            key="@name",
            value="",
            keys=("manufacturer", "version", "serial", "asset", "sku"),
            since="4.1.0",
        ),
    ] = None
    oem_strings: Annotated[
        tuple[str, ...] | None,
        Attr("sysinfo[@type='smbios']/oemStrings/entry*", ListOf(TEXT), "Texts for programs in the guest.", since="4.1.0"),
    ] = None
    fwcfg: Annotated[
        Mapping[str, Value] | None,
        OpenMap(TEXT, "Blobs by name (`opt/…`) with their content.", place="sysinfo[@type='fwcfg']/entry", key="@name", value=""),
    ] = None
    fwcfg_files: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            TEXT, "Blobs by name with the file that holds the content.", place="sysinfo[@type='fwcfg']/entry", key="@name", value="@file"
        ),
    ] = None

"""What the guest reads of its machine in SMBIOS and fw_cfg (docs/formatdomain.rst 9.0.0, "SMBIOS System Information")."""

from collections.abc import Mapping
from typing import Annotated

from vmspec.model.block import Attr, Block, Many, OpenMap, Sub
from vmspec.model.kind import TEXT, ListOf
from vmspec.model.value import Value


class Bios(Block):
    """SMBIOS block 0."""

    vendor: Annotated[str | None, Attr("sysinfo[@type='smbios']/bios/entry[@name='vendor']", TEXT, "Vendor of the BIOS.", since="0.8.7")] = None
    version: Annotated[str | None, Attr("sysinfo[@type='smbios']/bios/entry[@name='version']", TEXT, "Version of the BIOS.", since="0.8.7")] = None
    date: Annotated[str | None, Attr("sysinfo[@type='smbios']/bios/entry[@name='date']", TEXT, "Its date, as mm/dd/yyyy.", since="0.8.7")] = None
    release: Annotated[str | None, Attr("sysinfo[@type='smbios']/bios/entry[@name='release']", TEXT, "Its release, as 10.22.", since="0.8.7")] = None


class System(Block):
    """SMBIOS block 1."""

    manufacturer: Annotated[str | None, Attr("sysinfo[@type='smbios']/system/entry[@name='manufacturer']", TEXT, "Manufacturer.", since="0.8.7")] = None
    product: Annotated[str | None, Attr("sysinfo[@type='smbios']/system/entry[@name='product']", TEXT, "Product.", since="0.8.7")] = None
    version: Annotated[str | None, Attr("sysinfo[@type='smbios']/system/entry[@name='version']", TEXT, "Version.", since="0.8.7")] = None
    serial: Annotated[str | None, Attr("sysinfo[@type='smbios']/system/entry[@name='serial']", TEXT, "Serial number.", since="0.8.7")] = None
    uuid: Annotated[str | None, Attr("sysinfo[@type='smbios']/system/entry[@name='uuid']", TEXT, "UUID; must be the machine's own.", since="0.8.7")] = None
    sku: Annotated[str | None, Attr("sysinfo[@type='smbios']/system/entry[@name='sku']", TEXT, "Stock keeping unit.", since="0.8.7")] = None
    family: Annotated[str | None, Attr("sysinfo[@type='smbios']/system/entry[@name='family']", TEXT, "Family.", since="0.8.7")] = None


class BaseBoard(Block):
    """SMBIOS block 2: a board of the machine."""

    element = "sysinfo[@type='smbios']/baseBoard"

    manufacturer: Annotated[str | None, Attr("entry[@name='manufacturer']", TEXT, "Manufacturer.", since="1.2.18")] = None
    product: Annotated[str | None, Attr("entry[@name='product']", TEXT, "Product.", since="1.2.18")] = None
    version: Annotated[str | None, Attr("entry[@name='version']", TEXT, "Version.", since="1.2.18")] = None
    serial: Annotated[str | None, Attr("entry[@name='serial']", TEXT, "Serial number.", since="1.2.18")] = None
    asset: Annotated[str | None, Attr("entry[@name='asset']", TEXT, "Asset tag.", since="1.2.18")] = None
    location: Annotated[str | None, Attr("entry[@name='location']", TEXT, "Where in the chassis.", since="1.2.18")] = None


class Chassis(Block):
    """SMBIOS block 3."""

    manufacturer: Annotated[str | None, Attr("sysinfo[@type='smbios']/chassis/entry[@name='manufacturer']", TEXT, "Manufacturer.", since="4.1.0")] = None
    version: Annotated[str | None, Attr("sysinfo[@type='smbios']/chassis/entry[@name='version']", TEXT, "Version.", since="4.1.0")] = None
    serial: Annotated[str | None, Attr("sysinfo[@type='smbios']/chassis/entry[@name='serial']", TEXT, "Serial number.", since="4.1.0")] = None
    asset: Annotated[str | None, Attr("sysinfo[@type='smbios']/chassis/entry[@name='asset']", TEXT, "Asset tag.", since="4.1.0")] = None
    sku: Annotated[str | None, Attr("sysinfo[@type='smbios']/chassis/entry[@name='sku']", TEXT, "Stock keeping unit.", since="4.1.0")] = None


class SysInfo(Block):
    """What the guest reads of its machine; `boot { smbios = sysinfo }` makes QEMU use the SMBIOS parts."""

    bios: Annotated[Bios | None, Sub("The BIOS.")] = None
    system: Annotated[System | None, Sub("The machine.")] = None
    base_board: Annotated[tuple[BaseBoard, ...], Many("The boards.", implied="board0")] = ()
    chassis: Annotated[Chassis | None, Sub("The chassis.")] = None
    oem_strings: Annotated[tuple[str, ...] | None, Attr(
        "sysinfo[@type='smbios']/oemStrings/entry*", ListOf(TEXT), "Texts for programs in the guest.", since="4.1.0")] = None
    fwcfg: Annotated[Mapping[str, Value] | None, OpenMap(
        TEXT, "Blobs by name (`opt/…`) with their content.", place="sysinfo[@type='fwcfg']/entry", key="@name", value="")] = None
    fwcfg_files: Annotated[Mapping[str, Value] | None, OpenMap(
        TEXT, "Blobs by name with the file that holds the content.", place="sysinfo[@type='fwcfg']/entry", key="@name", value="@file")] = None

"""Hypervisors' own parts of a definition: QEMU, bhyve, Xen, VMware (src/conf/schemas/domaincommon.rng 9.0.0)."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap
from vmspec.model.kind import TEXT, ListOf, OneOf
from vmspec.model.value import Symbol, Value


class QemuProperty(Block):
    """A property of a QEMU device that is changed behind libvirt's back."""

    element = "qemu:frontend/qemu:property[@name=$label]"

    type: Annotated[
        Symbol | None, Attr("@type", OneOf("string", "signed", "unsigned", "bool", "remove"), "Its type, or remove.", since="8.2.0")
    ] = None
    value: Annotated[str | None, Attr("@value", TEXT, "Its value.", since="8.2.0")] = None


class QemuDevice(Block):
    """A device whose QEMU properties are changed, by its alias."""

    element = "qemu:override/qemu:device[@alias=$label]"

    property: Annotated[tuple[QemuProperty, ...], Many("A property of the device.", since="8.2.0")] = ()


class Qemu(Block):
    """What libvirt passes to QEMU without understanding it; a guest with it is marked tainted."""

    args: Annotated[tuple[str, ...] | None, Attr("qemu:commandline/qemu:arg*/@value", ListOf(TEXT), "Further arguments.")] = None
    env: Annotated[
        Mapping[str, Value] | None, OpenMap(TEXT, "Environment of QEMU.", place="qemu:commandline/qemu:env", key="@name", value="@value")
    ] = None
    capabilities_add: Annotated[
        tuple[str, ...] | None,
        Attr("qemu:capabilities/qemu:add*/@capability", ListOf(TEXT), "Capabilities that libvirt is to believe in.", since="6.2.0"),
    ] = None
    capabilities_del: Annotated[
        tuple[str, ...] | None,
        Attr("qemu:capabilities/qemu:del*/@capability", ListOf(TEXT), "Capabilities that libvirt is not to believe in.", since="6.2.0"),
    ] = None
    deprecation: Annotated[
        Symbol | None,
        Attr(
            "qemu:deprecation/@behavior",
            OneOf("none", "omit", "reject", "crash"),
            "What QEMU does with deprecated arguments.",
            since="6.10.0",
            unchecked=True,
        ),
    ] = None
    override: Annotated[tuple[QemuDevice, ...], Many("Devices whose properties are changed.", since="8.2.0")] = ()


class Bhyve(Block):
    """What libvirt passes to bhyve."""

    args: Annotated[
        tuple[str, ...] | None, Attr("bhyve:commandline/bhyve:arg*/@value", ListOf(TEXT), "Further arguments.", since="5.6.0")
    ] = None


class Xen(Block):
    """What libvirt passes to Xen's device model."""

    args: Annotated[tuple[str, ...] | None, Attr("xen:commandline/xen:arg*/@value", ListOf(TEXT), "Further arguments.", since="6.7.0")] = (
        None
    )


class Vmware(Block):
    """What only VMware has."""

    datacenter_path: Annotated[
        str | None, Attr("vmware:datacenterpath", TEXT, "Folder and datacenter of the machine; live definitions only.")
    ] = None

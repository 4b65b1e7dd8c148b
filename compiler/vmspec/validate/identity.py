"""Which values of domain XML identify something, and which refer to it: what RELAX NG cannot say.

Sources (libvirt 9.0.0): src/conf/domain_validate.c (duplicate disk targets, virDomainDefDuplicateDiskInfoValidate; boot orders),
src/conf/domain_conf.c (virDomainDefCheckUnsupportedMemoryHotplug, virDomainIOThreadIDDefArrayInit), src/conf/domain_addr.c (PCI
addresses), docs/formatdomain.rst (vcpupin, iothreadpin, memnode).
"""

from __future__ import annotations

from vmspec.base.record import record

UNIQUE, KEY, KEYREF = "unique", "key", "keyref"
DOMAIN, DEVICES = "domain", "devices"
SHARED = ("console", "controller")
"""A console of target type serial is one device with the first serial port, alias included (src/conf/domain_conf.c,
virDomainDefAddConsoleCompat); companions of a USB controller have the alias of its bus (src/qemu/qemu_alias.c,
qemuAssignDeviceControllerAlias)."""
BUT_SHARED = "every element but those"
"""A selector that the generator fills in."""


@record(frozen=True)
class Constraint:
    """`selector` and `fields` in the XPath of XML Schema, from the element `within`. `refer` names what a keyref refers to."""

    kind: str
    name: str
    selector: str
    fields: tuple[str, ...]
    says: str
    """What is wrong where it is violated, for people."""
    refer: str = ""
    within: str = DOMAIN

    def xsd(self, selector: str) -> str:
        refer = f' refer="{self.refer}"' if self.refer else ""
        fields = "".join(f'<xs:field xpath="{field}"/>' for field in self.fields)
        return f'<xs:{self.kind} name="{self.name}"{refer}><xs:selector xpath="{selector}"/>{fields}</xs:{self.kind}>'


CONSTRAINTS: tuple[Constraint, ...] = (
    Constraint(UNIQUE, "disk-target", "disk", ("target/@dev",), "two disks have one target", within=DEVICES),
    # The companions of a USB controller have its index, and, in a running guest, its alias.
    Constraint(UNIQUE, "alias", BUT_SHARED, ("alias/@name",), "two devices have one alias", within=DEVICES),
    Constraint(
        UNIQUE,
        "pci-address",
        "*",
        ("address/@domain", "address/@bus", "address/@slot", "address/@function"),
        "two devices have one PCI address",
        within=DEVICES,
    ),
    Constraint(
        UNIQUE,
        "drive-address",
        "disk",
        ("target/@bus", "address/@controller", "address/@bus", "address/@target", "address/@unit"),
        "two disks have one place on a controller",
        within=DEVICES,
    ),
    Constraint(
        UNIQUE,
        "ccw-address",
        "*",
        ("address/@cssid", "address/@ssid", "address/@devno"),
        "two devices have one CCW address",
        within=DEVICES,
    ),
    Constraint(UNIQUE, "mac-address", "interface", ("mac/@address",), "two interfaces have one MAC address", within=DEVICES),
    Constraint(UNIQUE, "boot-order", "*", ("boot/@order",), "two devices have one place in the boot order", within=DEVICES),
    Constraint(UNIQUE, "vcpu", "vcpus/vcpu", ("@id",), "one vCPU stands twice"),
    Constraint(UNIQUE, "vcpupin", "cputune/vcpupin", ("@vcpu",), "one vCPU is pinned twice"),
    Constraint(UNIQUE, "iothreadpin", "cputune/iothreadpin", ("@iothread",), "one iothread is pinned twice"),
    Constraint(UNIQUE, "iothread", "iothreadids/iothread", ("@id",), "two iothreads have one id"),
    Constraint(UNIQUE, "cell", "cpu/numa/cell", ("@id",), "two NUMA cells have one id"),
    Constraint(UNIQUE, "memnode", "numatune/memnode", ("@cellid",), "one NUMA cell is bound twice"),
    Constraint(KEYREF, "memnode-cell", "numatune/memnode", ("@cellid",), "memory is bound for a NUMA cell that is not there", "cell"),
    Constraint(KEYREF, "distance-cell", "cpu/numa/cell/distances/sibling", ("@id",), "a distance is to a cell that is not there", "cell"),
    Constraint(KEYREF, "memory-cell", "devices/memory/target/node", (".",), "a memory module is in a cell that is not there", "cell"),
    Constraint(KEYREF, "disk-iothread", "devices/disk/driver", ("@iothread",), "a disk uses an iothread that is not there", "iothread"),
    Constraint(
        KEYREF,
        "controller-iothread",
        "devices/controller/driver",
        ("@iothread",),
        "a controller uses an iothread that is not there",
        "iothread",
    ),
    Constraint(KEYREF, "iothreadpin-id", "cputune/iothreadpin", ("@iothread",), "a pin is of an iothread that is not there", "iothread"),
)


def _compared() -> frozenset[tuple[str, str]]:
    keys = {constraint.refer for constraint in CONSTRAINTS if constraint.refer}
    both = [constraint for constraint in CONSTRAINTS if constraint.refer or constraint.name in keys]
    return frozenset((c.selector.rpartition("/")[2], field.removeprefix("@").removeprefix(".")) for c in both for field in c.fields)


REFERENCES = _compared()
"""Element and attribute ("" for the text) of what is compared across elements: XML Schema only finds values of one type equal, so
that both ends are plain text."""

"""Which values of domain XML identify something, and which refer to it: what RELAX NG cannot say.

Sources (libvirt 9.0.0): src/conf/domain_validate.c (duplicate disk targets, virDomainDefDuplicateDiskInfoValidate; boot orders),
src/conf/domain_conf.c (virDomainDefCheckUnsupportedMemoryHotplug, virDomainIOThreadIDDefArrayInit), src/conf/domain_addr.c (PCI
addresses), docs/formatdomain.rst (vcpupin, iothreadpin, memnode).
"""

from __future__ import annotations

from dataclasses import dataclass

UNIQUE, KEY, KEYREF = "unique", "key", "keyref"
ANY_DEVICE = "devices/*"
SHARED = ("console",)
"""A console of target type serial is one device with the first serial port, alias included (src/conf/domain_conf.c,
virDomainDefAddConsoleCompat)."""


@dataclass(frozen=True)
class Constraint:
    """`selector` and `fields` in the XPath of XML Schema, from the domain element. `refer` names what a keyref refers to."""

    kind: str
    name: str
    selector: str
    fields: tuple[str, ...]
    says: str
    """What is wrong where it is violated, for people."""
    refer: str = ""

    def xsd(self, devices: tuple[str, ...]) -> str:
        """As XML Schema. `devices/*` is one of these elements."""
        refer = f' refer="{self.refer}"' if self.refer else ""
        selector = "|".join(f"devices/{name}" for name in devices) if self.selector == ANY_DEVICE else self.selector
        fields = "".join(f'<xs:field xpath="{field}"/>' for field in self.fields)
        return f'<xs:{self.kind} name="{self.name}"{refer}><xs:selector xpath="{selector}"/>{fields}</xs:{self.kind}>'


CONSTRAINTS: tuple[Constraint, ...] = (
    Constraint(UNIQUE, "disk-target", "devices/disk", ("target/@dev",), "two disks have one target"),
    Constraint(UNIQUE, "alias", ANY_DEVICE, ("alias/@name",), "two devices have one alias"),
    Constraint(
        UNIQUE,
        "pci-address",
        ANY_DEVICE,
        ("address/@domain", "address/@bus", "address/@slot", "address/@function"),
        "two devices have one PCI address",
    ),
    Constraint(
        UNIQUE,
        "drive-address",
        "devices/disk",
        ("target/@bus", "address/@controller", "address/@bus", "address/@target", "address/@unit"),
        "two disks have one place on a controller",
    ),
    Constraint(
        UNIQUE, "ccw-address", ANY_DEVICE, ("address/@cssid", "address/@ssid", "address/@devno"), "two devices have one CCW address"
    ),
    Constraint(UNIQUE, "controller", "devices/controller", ("@type", "@index"), "two controllers of one type have one index"),
    Constraint(UNIQUE, "mac-address", "devices/interface", ("mac/@address",), "two interfaces have one MAC address"),
    Constraint(UNIQUE, "boot-order", ANY_DEVICE, ("boot/@order",), "two devices have one place in the boot order"),
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

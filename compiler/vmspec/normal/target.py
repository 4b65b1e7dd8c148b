"""For whom a definition is predicted: the version of libvirt, and what libvirt knows of the QEMU at hand."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vmspec.base.record import field, record

EMULATORS: Mapping[str, str] = MappingProxyType({
    "x86_64": "/usr/bin/qemu-system-x86_64", "i686": "/usr/bin/qemu-system-i386", "aarch64": "/usr/bin/qemu-system-aarch64",
    "armv7l": "/usr/bin/qemu-system-arm", "armv6l": "/usr/bin/qemu-system-arm", "ppc64": "/usr/bin/qemu-system-ppc64",
    "ppc64le": "/usr/bin/qemu-system-ppc64", "ppc": "/usr/bin/qemu-system-ppc", "riscv64": "/usr/bin/qemu-system-riscv64",
    "riscv32": "/usr/bin/qemu-system-riscv32", "s390x": "/usr/bin/qemu-system-s390x", "sparc": "/usr/bin/qemu-system-sparc",
})  # fmt: skip
"""Where distributions install QEMU; libvirt looks in PATH (virQEMUCapsFindBinaryForArch, src/qemu/qemu_capabilities.c 9.0.0)."""

MODERN = frozenset((
    "kvm", "piix3-usb-uhci", "nec-usb-xhci", "qemu-xhci", "ich9-usb-ehci1", "pci-ohci", "cirrus-vga", "VGA", "lsi", "virtio-scsi-pci",
    "rtl8139", "e1000", "virtio-net", "pcie-root-port", "ioh3420", "pcie-pci-bridge", "gpex-pcihost", "virtio-mmio",
    "virtio-pci-non-transitional", "cpu.migratable", "vfio-pci.display", "vfio-ccw", "zpci",
))  # fmt: skip
"""What every QEMU since 6.0 has of what decides a default, by libvirt's own names (virQEMUCaps, src/qemu/qemu_capabilities.c 9.0.0).
Flags of devices that an architecture does not have change nothing there."""

ALIASES: Mapping[str, str] = MappingProxyType({"pc": "pc-i440fx-7.2", "q35": "pc-q35-7.2"})
DEFAULT_CPU: Mapping[str, str] = MappingProxyType({"x86_64": "qemu64", "i686": "qemu32"})
"""The CPU model of a machine that names none, by architecture (QEMU 7.2, target/i386/cpu.h TARGET_DEFAULT_CPU_TYPE)."""


@record(frozen=True)
class Target:
    """One libvirt with one QEMU. The default is libvirt 9.0.0 with QEMU 7.2, as Debian 12 has them."""

    libvirt: tuple[int, ...] = (9, 0, 0)
    flags: frozenset[str] = MODERN
    aliases: Mapping[str, str] = field(default_factory=lambda: ALIASES)
    """Machine type that is another's alias → that other (virQEMUCapsGetCanonicalMachine)."""
    preferred: str = ""
    """The machine type where none is said, if not the usual one of the architecture."""
    default_cpus: Mapping[str, str] = field(default_factory=lambda: DEFAULT_CPU)
    """By the architecture that QEMU was built for, or by `ARCH/MACHINE/TYPE` of the guest where they differ."""
    emulators: Mapping[str, str] = field(default_factory=lambda: EMULATORS)
    host_arch: str = "x86_64"
    security: str = "none"
    """The host's first security driver; `none` where it has none."""
    gic: frozenset[str] = frozenset()
    """GIC versions of the host's KVM."""
    new: bool = True
    """The definition is new, as at define; else it is read again, and what guests see is not touched (VIR_DOMAIN_DEF_PARSE_ABI_UPDATE)."""
    host_model: bool = True
    """QEMU can tell the host's CPU model; decides the default of s390x."""
    lib_dir: str = "/var/lib/libvirt/qemu"
    nvram_dir: str = "/var/lib/libvirt/qemu/nvram"
    channel_dir: str = "/var/lib/libvirt/qemu/channel/target"

    def has(self, flag: str) -> bool:
        return flag in self.flags

"""What a guest's machine is: architecture and family, as libvirt tells them from names.

Source: libvirt 9.0.0 src/qemu/qemu_domain.c, qemuDomainMachineIs… and qemuDomainHas….
"""

from __future__ import annotations

from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain

X86 = ("x86_64", "i686")
ARM = ("armv6l", "armv7l", "aarch64")
PPC64 = ("ppc64", "ppc64le")
S390 = ("s390", "s390x")
RISCV = ("riscv32", "riscv64")


def arch(vm: Domain) -> str:
    return str(vm.arch or "")


def machine(vm: Domain) -> str:
    return str(vm.machine or "")


def is_x86(vm: Domain) -> bool:
    return arch(vm) in X86


def is_ppc64(vm: Domain) -> bool:
    return arch(vm) in PPC64


def is_s390(vm: Domain) -> bool:
    return arch(vm) in S390


def is_riscv(vm: Domain) -> bool:
    return arch(vm) in RISCV


def is_q35(vm: Domain) -> bool:
    return is_x86(vm) and (machine(vm) == "q35" or machine(vm).startswith("pc-q35-"))


def is_i440fx(vm: Domain) -> bool:
    return is_x86(vm) and (machine(vm) == "pc" or machine(vm).startswith(("pc-0.", "pc-1.", "pc-i440fx-", "rhel")))


def is_arm_virt(vm: Domain) -> bool:
    return arch(vm) in ARM and _virt(vm)


def is_riscv_virt(vm: Domain) -> bool:
    return is_riscv(vm) and _virt(vm)


def is_pseries(vm: Domain) -> bool:
    return is_ppc64(vm) and (machine(vm) == "pseries" or machine(vm).startswith("pseries-"))


def is_s390_ccw(vm: Domain) -> bool:
    return is_s390(vm) and machine(vm).startswith("s390-ccw")


def has_builtin_esp(vm: Domain) -> bool:
    """An NCR53C90 SCSI controller is part of the machine."""
    known = (("mips64", "magnum"), ("mips64", "pica61"), ("mips64el", "magnum"), ("mips64el", "pica61"), ("m68k", "q800"))
    return arch(vm) == "sparc" or (arch(vm), machine(vm)) in known


def controller(vm: Domain, kind: str, index: int) -> Controller | None:
    return next((c for c in vm.controller if c.type == kind and c.index == index), None)


def has_pci_root(vm: Domain) -> bool:
    return getattr(controller(vm, "pci", 0), "model", None) == "pci-root"


def has_pcie_root(vm: Domain) -> bool:
    return getattr(controller(vm, "pci", 0), "model", None) == "pcie-root"


def _virt(vm: Domain) -> bool:
    return machine(vm) == "virt" or machine(vm).startswith("virt-")

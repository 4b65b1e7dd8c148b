"""Machines: the names of their types, which family a guest's is of, which it has where none is named, and what is built in."""

from __future__ import annotations

import re

from vmspec.model.domain import Domain

FULL = {"q35": "pc-q35-{}", "pc": "pc-i440fx-{}", "virt": "virt-{}", "pseries": "pseries-{}", "s390-ccw-virtio": "s390-ccw-virtio-{}"}
"""QEMU's alias → its versioned name (qemu 7.2.0: pc_q35.c, pc_piix.c, virt.c, spapr.c, s390-virtio-ccw.c below hw/)."""
ALIAS_OF_ARCH = {
    "x86_64": "q35",
    "i686": "q35",
    "aarch64": "virt",
    "armv7l": "virt",
    "riscv64": "virt",
    "ppc64": "pseries",
    "ppc64le": "pseries",
    "s390x": "s390-ccw-virtio",
}
RED_HAT = ("rhel", "centos", "rocky", "alma")
"""Systems whose QEMU has Red Hat's machine types, and upstream's under no name."""
RHEL_Q35 = (((9, 1), "9.6.0"), ((8, 2), "9.4.0"), ((7, 2), "9.2.0"), ((7, 0), "9.0.0"), ((6, 2), "8.6.0"), ((6, 0), "8.5.0"))
"""From which QEMU on Red Hat's has which machine types: RHEL 8.6 and 9.0 have QEMU 6.2, 9.1 has 7.0, 9.2 has 7.2, 9.4 has 8.2, 9.6 has
9.1. Each has those of the releases before it (`qemu-kvm -machine help` of RHEL 9.8: pc-q35-rhel9.8.0 down to rhel8.5.0)."""
RHEL_OLDEST = "8.4.0"
RHEL_PC = "7.6.0"
"""Of i440fx Red Hat has had no newer one since RHEL 7 (the same list)."""


def red_hat(alias: str, qemu: tuple[int, ...]) -> str:
    """The newest machine type that every Red Hat QEMU of this version has."""
    if alias == "pc":
        return FULL[alias].format(f"rhel{RHEL_PC}")
    release = next((name for since, name in RHEL_Q35 if qemu[:2] >= since), RHEL_OLDEST)
    return FULL[alias].format(f"rhel{release}")


def version_of(machine: str) -> tuple[int, ...] | None:
    """`pc-q35-8.2` → (8, 2): the QEMU that brought an upstream machine type. None for Red Hat's and for what has no version."""
    found = re.fullmatch(r"(?:pc-q35|pc-i440fx|pc|virt|pseries|s390-ccw-virtio)-([0-9]+)\.([0-9]+)(?:\.[0-9]+)?", machine)
    return (int(found[1]), int(found[2])) if found else None


DROPPING: tuple[int, int] = (10, 1)
"""The first QEMU that leaves out machine types by their age: 10.0 still has those of 2.4 (`-machine help` of 10.0.13 and 11.1.3)."""
DEPRECATED_AFTER = 3
DROPPED_AFTER = 6
"""Years, which are major versions: docs/about/deprecated.rst of QEMU 9.1 and newer, "System emulator machines"."""


def dropped_by(machine: str) -> tuple[int, int] | None:
    """The QEMU that no longer has an upstream machine type: pc-q35-5.1 is gone from 11.1."""
    came = version_of(machine)
    return None if came is None else max(DROPPING, (came[0] + DROPPED_AFTER, came[1]))


def is_deprecated(machine: str, qemu: tuple[int, ...]) -> bool:
    """Whether a QEMU warns of it at every start."""
    came = version_of(machine)
    return came is not None and qemu >= (9, 1) and qemu[:2] >= (came[0] + DEPRECATED_AFTER, came[1])


def is_red_hat(machine: str) -> bool:
    return re.search(r"-rhel[0-9]", machine) is not None


def alias_of(machine: str) -> str | None:
    """`pc-q35-7.2` → `q35`; None for a machine that has no alias here."""
    for alias, form in FULL.items():
        if machine == alias or re.fullmatch(
            re.escape(form.removesuffix("{}")) + r"[0-9].*|" + re.escape(form.removesuffix("{}")) + r"rhel.*", machine
        ):
            return alias
    return None


X86 = ("x86_64", "i686")
ARM = ("armv6l", "armv7l", "aarch64")
PPC64 = ("ppc64", "ppc64le")
S390 = ("s390", "s390x")
RISCV = ("riscv32", "riscv64")
ARCH = "x86_64"
"""The architecture of a guest that names none."""
USUAL = {
    "x86_64": "pc", "i686": "pc", "aarch64": "virt", "riscv64": "virt", "riscv32": "virt", "ppc64": "pseries", "ppc64le": "pseries",
    "s390x": "s390-ccw-virtio", "armv7l": "virt", "armv6l": "virt", "ppc": "ppce500", "sparc": "SS-5",
}  # fmt: skip
"""The machine type that libvirt gives a definition without one, by architecture (virQEMUCapsGetPreferredMachine,
src/qemu/qemu_capabilities.c 9.0.0: QEMU's own default). Sources in the language have `ALIAS_OF_ARCH`'s instead."""
DRIVER_TYPES = (None, "kvm", "qemu", "hvf")
"""Types of domain that libvirt's QEMU driver takes (virDomainVirtType, src/conf/domain_conf.h 9.0.0). It knows the word `kqemu` too, and
refuses it at define: "Emulator '…' does not support virt type 'kqemu'" (seen with libvirt 9.0.0 and QEMU 7.2)."""


def is_qemu(vm: Domain) -> bool:
    """Whether libvirt's QEMU driver runs it, whose limits most rules are about."""
    return vm.type in DRIVER_TYPES


def arch(vm: Domain) -> str:
    return str(vm.arch or ARCH)


def machine(vm: Domain) -> str:
    """The machine type as it is written, or the one that libvirt takes where none is."""
    return str(vm.machine or USUAL.get(arch(vm), ""))


def describe(vm: Domain) -> str:
    return f"machine {machine(vm)} on {arch(vm)}"


def is_x86(vm: Domain) -> bool:
    return arch(vm) in X86


def is_ppc64(vm: Domain) -> bool:
    return arch(vm) in PPC64


def is_s390(vm: Domain) -> bool:
    return arch(vm) in S390


def is_riscv(vm: Domain) -> bool:
    return arch(vm) in RISCV


def is_q35(vm: Domain) -> bool:
    """qemuDomainMachineIsQ35, src/qemu/qemu_domain.c 9.0.0, as the others below."""
    return is_x86(vm) and (machine(vm) == "q35" or machine(vm).startswith("pc-q35-"))


def is_i440fx(vm: Domain) -> bool:
    return is_x86(vm) and (machine(vm) == "pc" or machine(vm).startswith(("pc-0.", "pc-1.", "pc-i440fx-", "rhel")))


def is_arm_virt(vm: Domain) -> bool:
    return arch(vm) in ARM and _is_virt(vm)


def is_riscv_virt(vm: Domain) -> bool:
    return is_riscv(vm) and _is_virt(vm)


def is_pseries(vm: Domain) -> bool:
    return is_ppc64(vm) and (machine(vm) == "pseries" or machine(vm).startswith("pseries-"))


def is_s390_ccw(vm: Domain) -> bool:
    return is_s390(vm) and machine(vm).startswith("s390-ccw")


def _is_virt(vm: Domain) -> bool:
    return machine(vm) == "virt" or machine(vm).startswith("virt-")


def has_builtin_esp(vm: Domain) -> bool:
    """An NCR53C90 SCSI controller is part of the machine (qemuDomainHasBuiltinESP, src/qemu/qemu_domain.c 9.0.0)."""
    known = (("mips64", "magnum"), ("mips64", "pica61"), ("mips64el", "magnum"), ("mips64el", "pica61"), ("m68k", "q800"))
    return arch(vm) == "sparc" or (arch(vm), machine(vm)) in known


def has_default_cpu(vm: Domain) -> bool:
    """Whether libvirt gives a CPU without a model QEMU's default one (qemuDomainDefSetDefaultCPU, src/qemu/qemu_domain.c 9.0.0; for which
    machines QEMU says one: tests/qemucapabilitiesdata)."""
    return is_x86(vm) or is_s390(vm) or is_ppc64(vm) or (arch(vm) in ARM and vm.type == "qemu")


def has_acpi(vm: Domain) -> bool:
    return vm.features is not None and bool(vm.features.acpi)


def serial_target(vm: Domain) -> str | None:
    """The machine's own kind of serial port, which one has that names none or isa-serial; None where libvirt knows none
    (qemuDomainChrDefPostParse, src/qemu/qemu_domain.c 9.0.0)."""
    if is_x86(vm):
        return "isa-serial"
    if is_pseries(vm):
        return "spapr-vio-serial"
    if is_arm_virt(vm) or is_riscv_virt(vm):
        return "system-serial"
    return "sclp-serial" if is_s390(vm) else None


def serial_model(vm: Domain, target: str | None) -> str | None:
    """QEMU's device behind a kind of serial port (qemuDomainChrDefPostParse, as above)."""
    if target == "system-serial":
        return "pl011" if is_arm_virt(vm) else "16550a" if is_riscv_virt(vm) else None
    return _SERIAL_MODELS.get(target) if target is not None else None


_SERIAL_MODELS = {
    "isa-serial": "isa-serial",
    "pci-serial": "pci-serial",
    "usb-serial": "usb-serial",
    "isa-debug": "isa-debugcon",
    "spapr-vio-serial": "spapr-vty",
    "sclp-serial": "sclpconsole",
}


_X86 = re.compile(
    r"q35|pc|microvm|isapc|none|ubuntu|ubuntu-q35|x-remote|nitro|xenpv|xenfv(-[0-9.]+)?"
    r"|pc-(q35|i440fx)-[\w.-]+|pc-[01]\.[0-9]+|rhel[0-9][\w.]*"
)
"""QEMU's (7.2, `-machine help`; nitro since 9.2), old ones, and those of distributions: pc-q35-rhel9.2.0, pc-q35-jammy, rhel6.6.0."""
_S390 = re.compile(r"s390-ccw-virtio(-[\w.]+)?|s390-ccw|none")
WRITTEN = {
    "x86_64": "q35, pc, pc-q35-N.N, pc-i440fx-N.N, microvm, isapc",
    "i686": "q35, pc, pc-q35-N.N, pc-i440fx-N.N, microvm, isapc",
    "s390x": "s390-ccw-virtio, s390-ccw-virtio-N.N",
    "aarch64": "virt, virt-N.N, and boards",
    "riscv64": "virt, virt-N.N, and boards",
    "ppc64": "pseries, pseries-N.N, powernv",
    "ppc64le": "pseries, pseries-N.N, powernv",
}
"""How the machine types of an architecture are written; those of the first three are all known."""


def is_known(machine: str, arch: str) -> bool:
    """Whether some QEMU has a machine type of that name; also where the boards of an architecture are not all known here."""
    form = {"x86_64": _X86, "i686": _X86, "s390x": _S390}.get(arch)
    if form is None:
        return machine == "none" or not any(other.fullmatch(machine) for other in (_X86, _S390))
    return form.fullmatch(machine) is not None

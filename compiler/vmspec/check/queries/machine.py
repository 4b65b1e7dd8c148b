"""Which chipset a VM has, as libvirt tells from architecture and machine type."""

from __future__ import annotations

from vmspec.model.domain import Domain


def arch(vm: Domain) -> str:
    return str(vm.arch or "x86_64")


def is_x86(vm: Domain) -> bool:
    return arch(vm) in ("x86_64", "i686")


def is_q35(vm: Domain) -> bool:
    """qemuDomainMachineIsQ35, src/qemu/qemu_domain.c 9.0.0."""
    machine = str(vm.machine or "")
    return is_x86(vm) and (machine == "q35" or machine.startswith("pc-q35"))


def is_i440fx(vm: Domain) -> bool:
    """qemuDomainMachineIsI440FX, src/qemu/qemu_domain.c 9.0.0; without a machine type QEMU 7.2's default is one."""
    machine = str(vm.machine or "pc")
    return is_x86(vm) and (machine == "pc" or machine.startswith(("pc-i440", "pc-0.", "pc-1.", "rhel")))


def is_arm_virt(vm: Domain) -> bool:
    """qemuDomainMachineIsARMVirt, src/qemu/qemu_domain.c 9.0.0."""
    machine = str(vm.machine or "")
    return arch(vm) in ("aarch64", "armv6l", "armv7l") and (machine == "virt" or machine.startswith("virt-"))


def is_riscv_virt(vm: Domain) -> bool:
    machine = str(vm.machine or "")
    return arch(vm) in ("riscv32", "riscv64") and (machine == "virt" or machine.startswith("virt-"))


def is_pseries(vm: Domain) -> bool:
    machine = str(vm.machine or "pseries")
    return arch(vm).startswith("ppc64") and machine.startswith("pseries")


def is_s390(vm: Domain) -> bool:
    return arch(vm) in ("s390", "s390x")


def is_qemu(vm: Domain) -> bool:
    """Whether libvirt's QEMU driver runs it, whose limits most rules are about."""
    return vm.type in (None, "kvm", "qemu", "hvf", "kqemu")


def default_model(vm: Domain) -> bool:
    """Whether libvirt gives a CPU without a model QEMU's default one (qemuDomainDefSetDefaultCPU, src/qemu/qemu_domain.c 9.0.0; for which
    machines QEMU says one: tests/qemucapabilitiesdata)."""
    arm = arch(vm) in ("aarch64", "armv6l", "armv7l") and vm.type == "qemu"
    return is_x86(vm) or is_s390(vm) or arch(vm).startswith("ppc64") or arm


def has_acpi(vm: Domain) -> bool:
    return vm.features is not None and bool(vm.features.acpi)


def describe(vm: Domain) -> str:
    return f"machine {vm.machine or 'pc'} on {arch(vm)}"

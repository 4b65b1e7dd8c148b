"""What a machine is, by architecture and type: libvirt 9.0.0's answers, seen at a define where QEMU for x86 is enough."""

from __future__ import annotations

import pytest

from vmspec.model.domain import Domain
from vmspec.model.machine import (
    describe,
    is_arm_virt,
    is_i440fx,
    is_known,
    is_pseries,
    is_q35,
    is_qemu,
    is_riscv_virt,
    is_s390_ccw,
    machine,
    serial_model,
    serial_target,
)
from vmspec.model.value import Symbol

FAMILIES = (is_q35, is_i440fx, is_arm_virt, is_riscv_virt, is_pseries, is_s390_ccw)


def domain(arch: str | None, kind: str | None) -> Domain:
    return Domain(arch=None if arch is None else Symbol(arch), machine=None if kind is None else Symbol(kind), name="a")


@pytest.mark.parametrize(
    ("arch", "kind", "family"),
    [
        (None, None, is_i440fx),  # defined as pc-i440fx-7.2 with a pci-root
        ("i686", None, is_i440fx),
        ("x86_64", "q35", is_q35),
        ("x86_64", "pc-q35-rhel9.2.0", is_q35),
        ("x86_64", "pc-q35", None),  # "No PCI buses available": no q35 to libvirt
        ("x86_64", "isapc", None),
        ("x86_64", "microvm", None),
        ("x86_64", "rhel6.6.0", is_i440fx),
        ("x86_64", "pc-1.3", is_i440fx),
        ("x86_64", "virt", None),
        ("aarch64", None, is_arm_virt),
        ("armv7l", "virt-7.2", is_arm_virt),
        ("aarch64", "q35", None),
        ("riscv64", None, is_riscv_virt),
        ("ppc64le", None, is_pseries),
        ("ppc64", "pseries-7.2", is_pseries),
        ("s390x", None, is_s390_ccw),
    ],
)
def test_one_family_at_most(arch: str | None, kind: str | None, family: object) -> None:
    assert [each for each in FAMILIES if each(domain(arch, kind))] == ([] if family is None else [family])


def test_a_machine_that_is_not_named_is_the_one_of_its_architecture() -> None:
    assert describe(domain("aarch64", None)) == "machine virt on aarch64"
    assert machine(domain("m68k", None)) == ""


def test_kqemu_is_no_type_of_the_driver() -> None:
    """libvirt 9.0.0: "Emulator '/usr/bin/qemu-system-x86_64' does not support virt type 'kqemu'"."""
    assert (
        is_qemu(Domain(type=Symbol("hvf"), name="a")) and is_qemu(Domain(name="a")) and not is_qemu(Domain(type=Symbol("kqemu"), name="a"))
    )


@pytest.mark.parametrize(
    ("arch", "target", "model"),
    [
        ("x86_64", "isa-serial", "isa-serial"),
        ("ppc64", "spapr-vio-serial", "spapr-vty"),
        ("aarch64", "system-serial", "pl011"),
        ("riscv64", "system-serial", "16550a"),
        ("s390x", "sclp-serial", "sclpconsole"),
        ("m68k", None, None),
    ],
)
def test_the_serial_port_that_is_built_in(arch: str, target: str | None, model: str | None) -> None:
    vm = domain(arch, None)
    assert (serial_target(vm), serial_model(vm, target)) == (target, model)


@pytest.mark.parametrize(
    ("machine", "arch", "known"),
    [("q35", "aarch64", False), ("pc-i440fx-7.2", "mips", False), ("s390-ccw-virtio", "riscv64", False), ("raspi3b", "aarch64", True)]
    + [("none", arch, True) for arch in ("x86_64", "s390x", "sparc")],
)
def test_a_machine_of_another_architecture_is_not_known(machine: str, arch: str, known: bool) -> None:
    assert is_known(machine, arch) is known

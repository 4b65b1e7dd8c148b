"""A machine type that changes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4905, "machine-unversioned", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def machine_unversioned(vm: Domain) -> Iterator[Finding]:
    """
    What: The machine type has no version.
    Why: libvirt resolves `q35` or `pc` to the newest version at define (virQEMUCapsGetCanonicalMachine, src/qemu/qemu_capabilities.c
    9.0.0): defined again on another host, the guest has other hardware.
    Example:
        vm a {
          resolve = false
          machine = q35
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
        }
    """
    if vm.machine in ("q35", "pc") and is_qemu(vm):
        yield Finding(("machine",), f"machine {vm.machine} is another one with each QEMU", help="name its version, such as pc-q35-7.2")

"""A machine type that no QEMU has."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import WRITTEN, arch, is_known, is_qemu, version_of


@rule(4229, "machine-unknown", phase=Phase.DEFINE)
def machine_unknown(vm: Domain) -> Iterator[Finding]:
    """
    What: The machine type is none of its architecture, or names a version of QEMU that does not exist.
    Why: Since QEMU 3 there are three releases a year, N.0 to N.2, and 3.0 and 3.1 in the first of them; before, 2.0 to 2.12. libvirt
    refuses a machine type that the QEMU at hand does not have at define (virQEMUCapsIsMachineSupported, 9.0.0).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; machine = pc-q35-7.4 }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; machine = pc-q35-7.2 }
    """
    machine = str(vm.machine or "")
    if not is_qemu(vm) or not machine:
        return
    if not is_known(machine, arch(vm)):
        names = WRITTEN[arch(vm)]
        yield Finding(("machine",), f"no QEMU has a machine {machine} of {arch(vm)}", help=f"there are {names}, and those of distributions")
        return
    version = version_of(machine)
    if version is None:
        return
    major, minor = version
    last = {0: 15, 1: 7, 2: 12, 3: 1}.get(major, 2)
    if minor > last:
        yield Finding(("machine",), f"there is no {machine}: the last QEMU {major} is {major}.{last}")

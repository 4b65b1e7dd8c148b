"""QEMU's own threads on the CPUs of pinned vCPUs."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import pins
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(4166, "emulator-on-vcpu-cpus", phase=Phase.FLEET, severity=Severity.WARNING)
def emulator_on_vcpu_cpus(vm: Domain) -> Iterator[Finding]:
    """
    What: vCPUs are pinned one to a CPU, and the emulator has no pin, or its pin lies within theirs.
    Why: The main loop, migration and device threads then interrupt vCPUs (docs/formatdomain.rst 9.0.0, "emulatorpin": without one, the CPUs
    of `cpuset`, else all); libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5 }
          emulator { pin = 0 }
        }
    """
    where = pins(vm)
    if not where or any(len(cpus) != 1 for cpus in where.values()):
        return
    taken = CpuSet.of(cpu for cpus in where.values() for cpu in cpus)
    own = vm.emulator.pin if vm.emulator is not None else None
    if own is None and not (vm.cpu is not None and vm.cpu.cpuset):
        yield Finding(
            ("vcpu", str(min(where))),
            f"vCPUs are pinned to {taken}, and QEMU's other threads may run there too",
            help="set emulator.pin to a housekeeping CPU",
        )
    elif own and own & taken == own:
        yield Finding(("emulator", "pin"), f"the emulator's CPUs {own} are those of pinned vCPUs ({taken})")

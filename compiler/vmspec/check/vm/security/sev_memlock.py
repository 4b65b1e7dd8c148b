"""Encrypted memory that cannot be locked."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.memory import total_memory
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4632, "sev-memlock", phase=Phase.RUNTIME, severity=Severity.WARNING)
def sev_memlock(vm: Domain) -> Iterator[Finding]:
    """
    What: SEV without `memory.locked` or a `hard-limit` of the memory and 256 MiB.
    Why: SEV pins the guest's memory, and QEMU's memlock limit must allow it (docs/kbase/launch_security_sev.rst, libvirt 9.0.0).
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          launch-security { type = sev; policy = 3; cbitpos = 47; reduced-phys-bits = 1 }
        }
    Instead:
        vm a {
          cpu.count = 2
          machine = q35
          memory { size = 1GiB; locked = true; hard-limit = 2GiB }
          launch-security { type = sev; policy = 3; cbitpos = 47; reduced-phys-bits = 1 }
        }
    """
    security, memory = vm.launch_security, vm.memory
    if security is None or security.type != "sev":
        return
    if memory is None or not (memory.locked or (memory.hard_limit and memory.hard_limit >= total_memory(vm) + (256 << 20))):
        yield Finding(
            ("launch-security",),
            "SEV pins the guest's memory, and nothing lets QEMU lock it",
            help="set memory.locked = true and memory.hard-limit",
        )

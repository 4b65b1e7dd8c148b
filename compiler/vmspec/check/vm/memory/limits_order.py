"""Limits in the wrong order."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import show_quantity


@rule(4215, "limits-order", phase=Phase.ACCEPTED)
def limits_order(vm: Domain) -> Iterator[Finding]:
    """
    What: `soft-limit` is above `hard-limit`, or `swap-hard-limit` is below it.
    Why: The kernel refuses or never reaches such limits (Linux Documentation/admin-guide/cgroup-v1/memory.rst: memory.memsw.limit_in_bytes
    is at least memory.limit_in_bytes); libvirt accepts them at define.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; locked = true; hard-limit = 4GiB; soft-limit = 5GiB }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; locked = true; hard-limit = 4GiB; soft-limit = 3GiB }
        }
    """
    memory = vm.memory
    if memory is None or not memory.hard_limit:
        return
    if memory.soft_limit and memory.soft_limit > memory.hard_limit:
        yield Finding(
            ("memory", "soft-limit"),
            f"soft-limit {show_quantity(memory.soft_limit)} is above hard-limit {show_quantity(memory.hard_limit)}",
            labels=((("memory", "hard-limit"), "the hard limit"),),
        )
    if memory.swap_hard_limit and memory.swap_hard_limit < memory.hard_limit:
        yield Finding(
            ("memory", "swap-hard-limit"),
            f"swap-hard-limit {show_quantity(memory.swap_hard_limit)} is below hard-limit {show_quantity(memory.hard_limit)}",
            labels=((("memory", "hard-limit"), "the hard limit"),),
        )

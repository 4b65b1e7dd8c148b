"""Two vCPUs pinned to one CPU."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import pins
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4167, "two-vcpus-on-cpu", phase=Phase.FLEET)
def two_vcpus_on_cpu(vm: Domain) -> Iterator[Finding]:
    """
    What: Two vCPUs of one VM are pinned to the same single CPU.
    Why: They take turns: a lock held by the one waits for the other's time slice. libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 4 }
          emulator { pin = 0 }
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
    seen: dict[int, int] = {}
    for number, cpus in sorted(pins(vm).items()):
        if len(cpus) != 1:
            continue
        cpu = next(iter(cpus))
        first = seen.setdefault(cpu, number)
        if first != number:
            yield Finding(
                ("vcpu", str(number), "pin"),
                f"vCPUs {first} and {number} are both pinned to CPU {cpu}",
                labels=((("vcpu", str(first), "pin"), "the first"),),
            )

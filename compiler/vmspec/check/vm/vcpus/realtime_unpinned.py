"""A FIFO thread that may run anywhere."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import pins
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4164, "realtime-unpinned", phase=Phase.FLEET)
def realtime_unpinned(vm: Domain) -> Iterator[Finding]:
    """
    What: A vCPU has scheduler fifo or rr and no pin of its own to one CPU.
    Why: A spinning FIFO thread starves whatever shares its CPU, kernel threads included (sched(7), "SCHED_FIFO"); without a pin that may be
    any CPU of the host. libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5-6; scheduler = fifo; priority = 1 }
          emulator { pin = 0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5; scheduler = fifo; priority = 1 }
          emulator { pin = 0 }
        }
    """
    where = None
    for vcpu in vm.vcpu:
        if vcpu.scheduler in ("fifo", "rr"):
            where = where if where is not None else pins(vm)
            pin = where.get(int(vcpu.label)) if vcpu.label.isdigit() else None
            if pin is None or len(pin) != 1:
                said = f"may run on {pin}" if pin else "is not pinned"
                yield Finding(
                    ("vcpu", vcpu.label, "scheduler"),
                    f"vCPU {vcpu.label} has scheduler {vcpu.scheduler} and {said}",
                    help="pin it to one isolated CPU",
                )

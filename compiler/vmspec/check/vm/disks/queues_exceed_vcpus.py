"""More queues than vCPUs."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4359, "queues-exceed-vcpus", phase=Phase.RUNTIME, severity=Severity.WARNING)
def queues_exceed_vcpus(vm: Domain) -> Iterator[Finding]:
    """
    What: A disk has more queues, or an interface more queue pairs, than the VM has vCPUs.
    Why: A queue serves at most one vCPU; the rest cost memory, descriptors and interrupts and are never used (docs/formatdomain.rst 9.0.0,
    "queues").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); queues = 8 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); queues = 2 }
        }
    """
    most = max_vcpus(vm)
    for disk in vm.disk:
        if disk.queues and disk.queues > most:
            yield Finding(("disk", disk.label, "queues"), f"disk {disk.label} has {disk.queues} queues for {most} vCPUs", instead=str(most))
    for card in vm.interface:
        if card.queues and card.queues > most:
            yield Finding(
                ("interface", card.label, "queues"),
                f"interface {card.label} has {card.queues} queue pairs for {most} vCPUs",
                instead=str(most),
            )

"""Threads as look.sh prints them: the kernel's, a switch's, a guest's."""

from __future__ import annotations

from vmspec.base.record import record
from vmspec.deploy.facts.system import Gathered
from vmspec.model.kind import parse_cpus
from vmspec.model.value import CpuSet

POLICIES = {"0": "other", "1": "fifo", "2": "rr", "3": "batch", "5": "idle", "6": "deadline", "7": "ext"}
"""include/uapi/linux/sched.h of Linux 6.12."""


@record(frozen=True, slots=True)
class SeenThread:
    name: str
    policy: str
    priority: int
    cpus: CpuSet
    partition: str
    """Of the thread's own group: member, root, isolated, or why it is none."""

    @property
    def schedule(self) -> str:
        return f"{self.policy} {self.priority}" if self.policy in ("fifo", "rr") else self.policy


def seen_threads(seen: Gathered, name: str) -> list[SeenThread]:
    found = []
    for line in seen.said.get(name, ()):
        match line.split("\t"):
            case ["thread", _, own, policy, priority, cpus, partition]:
                number = int(priority) if priority.isdigit() else 0
                found.append(SeenThread(own, POLICIES.get(policy, policy), number, parse_cpus(cpus) or CpuSet(), partition))
    return found


def kernel_threads(seen: Gathered) -> list[SeenThread]:
    return seen_threads(seen, "kernel-threads")

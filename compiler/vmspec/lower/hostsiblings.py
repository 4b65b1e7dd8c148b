"""The second threads of cores that a guest has to itself: idle, and as isolated as its own CPUs are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vmspec.lower.fleet import HostObject, Vm
from vmspec.lower.hostrequest import Request
from vmspec.model.value import CpuSet, Value

ISOLATING = ("isolcpus", "nohz_full", "rcu_nocbs")


def with_siblings(requests: Iterable[Request], vm: Vm, host: HostObject) -> Iterator[Request]:
    """The requests of a VM; with `thread-policy = isolate` those that isolate its CPUs speak of their whole cores, as far as the host does
    not keep a thread of one for itself."""
    isolates = vm.spec.cpu is not None and vm.spec.cpu.thread_policy == "isolate"
    kept = host.spec.reserve.cpus if host.spec.reserve is not None and host.spec.reserve.cpus is not None else CpuSet()
    for request in requests:
        if isolates and request.path[:2] == ("kernel", "args") and request.path[-1] in ISOLATING:
            yield request._replace(value=_whole(request.value, host.spec.siblings or (), kept))
        else:
            yield request


def _whole(value: Value, cores: Iterable[CpuSet], kept: CpuSet) -> Value:
    if isinstance(value, CpuSet):
        return value | (CpuSet().union(core for core in cores if core & value) - kept)
    return tuple(_whole(part, cores, kept) for part in value) if isinstance(value, tuple) else value

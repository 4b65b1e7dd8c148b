"""The pool of a host whose CPUs leave the scheduler as their guests start: no tick and no callbacks from boot on, and no `domain`.

`isolcpus=domain` would fix at boot which CPUs are isolated; without it the pool's CPUs are the scheduler's until a cpuset partition takes
them (Linux Documentation/admin-guide/cgroup-v2.rst, cpuset.cpus.partition; Documentation/admin-guide/cpu-isolation.rst).
"""

from __future__ import annotations

from vmspec.base.provenance import Path, Provenance, Step, StepKind, ValueAddress
from vmspec.base.record import replace
from vmspec.lower.fleet import HostObject
from vmspec.model.host import Host, Kernel
from vmspec.model.value import CpuSet, Symbol, Value

MANAGED = Symbol("managed_irq")


def pool(host: Host) -> CpuSet:
    """What the host says, or else the CPUs that its guests have for themselves; empty without partitions."""
    if host.isolation != "partition":
        return CpuSet()
    return host.tickless or _asked(host)


def _asked(host: Host) -> CpuSet:
    value = host.kernel.args.get("isolcpus") if host.kernel is not None else None
    return CpuSet().union(part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, CpuSet))


def with_pool(host: HostObject) -> HostObject:
    """The host, its arguments those of the pool in the place of its guests' CPUs."""
    cpus = pool(host.spec)
    if not cpus:
        return host
    there = CpuSet().union(node.cpus for node in host.spec.numa if node.cpus is not None)
    kernel = host.spec.kernel or Kernel()
    args: dict[str, Value] = {**kernel.args, "isolcpus": (MANAGED, cpus), "nohz_full": cpus, "rcu_nocbs": cpus}
    if there - cpus:
        args.setdefault("irqaffinity", there - cpus)
    own: Path = ("tickless",) if host.spec.tickless else ("isolation",)
    step = Step(StepKind.DERIVED, f"host {host.name}", host.where(own), (ValueAddress(host.name, own),), why="the pool of partitions")
    changed: dict[Path, Provenance] = {("kernel", "args", name): (step,) for name in args if args[name] != kernel.args.get(name)}
    trails = dict(host.trails)
    for path, steps in changed.items():
        trails[path] = (*trails.get(path, ()), *steps)
    return replace(host, spec=host.spec.but(kernel=kernel.but(args=args)), trails=trails)

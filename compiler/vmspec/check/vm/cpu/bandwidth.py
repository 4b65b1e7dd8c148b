"""CPU time and cache that a guest may take: shares, quotas, cpusets, CAT."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import CacheTune, Cpu, EnergyTune, MemoryTune
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet, Duration, show_quantity


@rule(4110, "cpu-shares-range", phase=Phase.DEFINE, needs="shares")
def shares_range(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.shares` is not from 2 to 262144.
    Why: libvirt 9.0.0 refuses others at define (virDomainDefCputuneValidate, src/conf/domain_validate.c; VIR_CGROUP_CPU_SHARES_MIN,
    src/util/vircgroup.h).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Value of cputune 'shares' must be in range [2, 262144].
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { shares = 1 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { shares = 1024 } }
    """
    if cpu.shares and not 2 <= cpu.shares <= 262144:
        yield Finding(("cpu", "shares"), f"shares {cpu.shares} is not from 2 to 262144", instead=str(min(max(cpu.shares, 2), 262144)))


@rule(4111, "cpu-period-range", phase=Phase.DEFINE, needs="period global_period")
def period_range(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.period` or `cpu.global-period` is not from 1 ms to 1 s.
    Why: libvirt 9.0.0 refuses others at define (virDomainDefCputuneValidate, src/conf/domain_validate.c; VIR_CGROUP_CPU_PERIOD_MIN and
    _MAX, src/util/vircgroup.h).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { period = 500us; quota = 1ms } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { period = 100ms; quota = 50ms } }
    """
    for name, period in (("period", cpu.period), ("global-period", cpu.global_period)):
        if period and not 1_000_000 <= period <= 1_000_000_000:
            yield Finding(("cpu", name), f"{name} {show_quantity(period)} is not from 1ms to 1s", instead="100ms")


@rule(4112, "cpu-quota-range", phase=Phase.DEFINE, needs="quota global_quota")
def quota_range(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.quota` or `cpu.global-quota` is below 1 ms.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefCputuneValidate, src/conf/domain_validate.c; VIR_CGROUP_CPU_QUOTA_MIN is 1000 µs,
    src/util/vircgroup.h).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Value of cputune 'quota' must be in range [1000,
    17592186044415].
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { period = 100ms; quota = 500us } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { period = 100ms; quota = 50ms } }
    """
    for name, quota in (("quota", cpu.quota), ("global-quota", cpu.global_quota)):
        if isinstance(quota, Duration) and 0 < quota < 1_000_000:
            yield Finding(("cpu", name), f"{name} {show_quantity(quota)} is below 1ms", instead="1ms")


@rule(4113, "cpu-quota-above-global", phase=Phase.START, needs="global_quota")
def quota_above_global(cpu: Cpu) -> Iterator[Finding]:
    """
    What: The quota of a vCPU is a larger share than the global quota of the whole machine.
    Why: The kernel refuses a child group whose share is above its parent's (cgroup v1 tg_cfs_schedulable, kernel/sched/core.c), so the
    start fails; libvirt 9.0.0 does not compare them.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: Invalid value '100000' for 'cpu.cfs_quota_us': Invalid
    argument.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { quota = 100ms; period = 100ms; global-quota = 50ms; global-period = 100ms } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { quota = 25ms; period = 100ms; global-quota = 50ms; global-period = 100ms } }
    """
    one, whole = cpu.quota, cpu.global_quota
    if not isinstance(one, Duration) or not isinstance(whole, Duration):
        return
    period, total = cpu.period or 100_000_000, cpu.global_period or 100_000_000
    if one * total > whole * period:
        yield Finding(
            ("cpu", "quota"),
            f"a vCPU may take {one * 100 // period} % of a CPU, and the whole machine {whole * 100 // total} %",
            labels=((("cpu", "global-quota"), "the whole machine"),),
        )


@rule(4114, "cpu-empty-cpuset", phase=Phase.DEFINE, needs="cpuset pin")
def empty_cpuset(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.cpuset` names no CPU.
    Why: libvirt 9.0.0 refuses an empty bitmap at define (virDomainVcpuParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { cpuset = 0,^0 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { cpuset = 0-3 } }
    """
    for name, cpus in (("cpuset", cpu.cpuset), ("pin", cpu.pin)):
        if cpus is not None and not cpus:
            yield Finding(("cpu", name), f"{name} is empty")


@rule(4115, "cpu-cachetune-overlap", phase=Phase.DEFINE, needs="cachetune memorytune")
def cachetune_overlap(cpu: Cpu) -> Iterator[Finding]:
    """
    What: Two `cachetune` (or `memorytune`) blocks name the same vCPU.
    Why: A thread has one class of service; libvirt 9.0.0 refuses overlaps at define (virDomainResctrlVcpuMatch, src/conf/domain_conf.c).
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          cpu {
            cachetune a { vcpus = 0-1; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } }
            cachetune b { vcpus = 1; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } }
          }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          cpu {
            cachetune a { vcpus = 0; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } }
            cachetune b { vcpus = 1; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } }
          }
        }
    """
    for kind, groups in (
        ("cachetune", [(c.label, c.vcpus) for c in cpu.cachetune]),
        ("memorytune", [(m.label, m.vcpus) for m in cpu.memorytune]),
    ):
        for i, (label, vcpus) in enumerate(groups):
            for other, taken in groups[:i]:
                both = (vcpus or CpuSet()) & (taken or CpuSet())
                # libvirt lets a cachetune and a memorytune, but no two of a kind, name the same vCPUs.
                if both:
                    yield Finding(
                        ("cpu", kind, label), f"vCPU {both} is in {kind} {other} already", labels=((("cpu", kind, other), "the other"),)
                    )


@rule(4121, "resctrl-vcpus", phase=Phase.ACCEPTED, needs="cachetune memorytune energytune")
def resctrl_vcpus(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cachetune`, `memorytune` or one of their monitors names a vCPU that the VM does not have.
    Why: libvirt cuts the set down to the vCPUs that there are and says nothing (virDomainResctrlParseVcpus, src/conf/domain_conf.c 9.0.0).
    Example:
        vm a { memory.size = 1GiB; cpu { count = 2; memorytune feed { vcpus = 2; node n0 { id = 0; bandwidth = 60 } } } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 2; memorytune feed { vcpus = 1; node n0 { id = 0; bandwidth = 60 } } } }
    """
    most = max_vcpus(vm)
    for kind, tunes in (("cachetune", cpu.cachetune), ("memorytune", cpu.memorytune), ("energytune", cpu.energytune)):
        for tune in tunes:
            for path, vcpus in _named(("cpu", kind, tune.label), tune):
                beyond = CpuSet.of(v for v in vcpus or () if v >= most)
                if beyond:
                    yield Finding(path, f"{kind} {tune.label} names vCPU {beyond}, and the VM has {most}, numbered from 0")


def _named(path: Path, tune: CacheTune | MemoryTune | EnergyTune) -> Iterator[tuple[Path, CpuSet | None]]:
    yield (*path, "vcpus"), tune.vcpus
    yield from (((*path, "monitor", m.label, "vcpus"), m.vcpus) for m in tune.monitor)

"""One thread scheduled twice."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import iothread_ids, max_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4175, "schedules-overlap", phase=Phase.DEFINE)
def schedules_overlap(vm: Domain) -> Iterator[Finding]:
    """
    What: Two schedules name the same vCPU or iothread, or one that does not exist.
    Why: libvirt 9.0.0 refuses both at define (virDomainThreadSchedParseHelper and virDomainDefGetIOThreadSched, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: 'vcpusched' attributes 'vcpus' must not overlap.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu-schedule a { vcpus = 0-1; scheduler = batch }
          vcpu-schedule b { vcpus = 1; scheduler = idle }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu-schedule a { vcpus = 0; scheduler = batch }
          vcpu-schedule b { vcpus = 1; scheduler = idle }
        }
    """
    for kind, schedules, known in (
        ("vcpu", [(s.label, s.vcpus) for s in vm.vcpu_schedule], range(max_vcpus(vm)) if vm.vcpu_schedule else range(0)),
        ("iothread", [(s.label, s.iothreads) for s in vm.iothread_schedule], iothread_ids(vm) if vm.iothread_schedule else range(0)),
    ):
        single = vm.vcpu if kind == "vcpu" else vm.iothread
        taken = {int(t.label): (kind, t.label) for t in single if t.scheduler is not None and t.label.isdigit()}
        for label, threads in schedules:
            here = (f"{kind}-schedule", label)
            for number in threads or ():
                if number not in known:
                    yield Finding(here, f"{kind} {number} does not exist")
                elif taken.setdefault(number, here) != here:
                    yield Finding(here, f"{kind} {number} is scheduled already", labels=((taken[number], "here"),))

"""Tuning of an iothread that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import iothread_ids
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4170, "iothread-tuned-undefined", phase=Phase.DEFINE)
def iothread_tuned_undefined(vm: Domain) -> Iterator[Finding]:
    """
    What: An iothread has a pin or scheduler and is not among the VM's iothreads.
    Why: libvirt 9.0.0 refuses it at define ("Cannot find 'iothread'", virDomainIOThreadPinDefParseXML and virDomainDefGetIOThreadSched,
    src/conf/domain_conf.c).
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 2
          iothread 2 { declared = false; pin = 1 }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 2
          iothread 2 { declared = true; pin = 1 }
        }
    """
    have = None
    for thread in vm.iothread:
        if not thread.declared:
            have = have if have is not None else iothread_ids(vm)
            if thread.label.isdigit() and int(thread.label) not in have:
                yield Finding(("iothread", thread.label), f"iothread {thread.label} does not exist")

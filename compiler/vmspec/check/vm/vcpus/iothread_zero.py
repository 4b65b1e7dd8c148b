"""An iothread 0."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4168, "iothread-zero", phase=Phase.DEFINE)
def iothread_zero(vm: Domain) -> Iterator[Finding]:
    """
    What: An iothread has number 0.
    Why: libvirt counts them from 1 and refuses 0 at define (virDomainIOThreadIDDefParseXML, src/conf/domain_conf.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid value for attribute 'id' in element 'iothread': Zero is not
    permitted.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          iothread 0 { }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          iothread 1 { }
        }
    """
    for thread in vm.iothread:
        if thread.label == "0":
            yield Finding(("iothread", "0"), "iothreads are counted from 1")

"""A second one of what there is one."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4543, "single-devices", phase=Phase.DEFINE)
def single_devices(vm: Domain) -> Iterator[Finding]:
    """
    What: Two watchdogs or two IOMMUs.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefParseXML, src/conf/domain_conf.c; several watchdogs came with 9.1.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          watchdog a { model = i6300esb; action = reset }
          watchdog b { model = ib700; action = reset }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          watchdog a { model = i6300esb; action = reset }
        }
    """
    for kind, devices in (("watchdog", vm.watchdog), ("iommu", vm.iommu)):
        for device in devices[1:]:
            yield Finding((kind, device.label), f"libvirt 9.0 takes one {kind}", labels=(((kind, devices[0].label), "the first"),))

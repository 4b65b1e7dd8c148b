"""A USB companion without its master."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain

_COMPANIONS = ("ich9-uhci1", "ich9-uhci2", "ich9-uhci3")


@rule(4524, "usb-companion-without-master", phase=Phase.DEFINE)
def companion_without_master(vm: Domain) -> Iterator[Finding]:
    """
    What: All USB controllers are companions of one that is not there.
    Why: libvirt 9.0.0 refuses it at define ("No master USB controller specified", virDomainDefControllersParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: No master USB controller specified.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller usb0 { type = usb; index = 0; model = ich9-uhci1; master = 0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
        }
    """
    some = [c for c in vm.controller if c.type == "usb" and c.model != "none"]
    if some and all(c.master is not None or c.model in _COMPANIONS for c in some):
        yield Finding(
            ("controller", some[0].label),
            f"{some[0].model} is a companion of a USB controller that is not there",
            help="use model = qemu-xhci alone",
        )

"""A watchdog at an address that it does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_s390


@rule(4542, "watchdog-address", phase=Phase.DEFINE)
def watchdog_address(vm: Domain) -> Iterator[Finding]:
    """
    What: An i6300esb watchdog that is not on PCI, an ib700 or diag288 with an address, or diag288 outside s390x.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainWatchdogDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: diag288 model of watchdog is allowed for s390 and s390x
    only.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          watchdog { model = diag288; action = reset }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          watchdog { model = i6300esb; action = reset }
        }
    """
    for dog in vm.watchdog:
        here = ("watchdog", dog.label)
        if dog.model == "diag288" and not is_s390(vm):
            yield Finding((*here, "model"), f"diag288 is for s390x, not {describe(vm)}", instead="i6300esb")
        elif dog.address is not None and dog.model in ("ib700", "diag288"):
            yield Finding((*here, "address"), f"a watchdog {dog.model} has no address")
        elif dog.address is not None and dog.model == "i6300esb" and dog.address.tag != "pci":
            yield Finding((*here, "address"), f"a watchdog i6300esb has a pci address, not {dog.address.tag}")

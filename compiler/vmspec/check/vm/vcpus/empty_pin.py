"""A pin to no CPU."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4161, "empty-pin", phase=Phase.DEFINE)
def empty_pin(vm: Domain) -> Iterator[Finding]:
    """
    What: The pin of a vCPU, iothread or the emulator is empty.
    Why: libvirt 9.0.0 refuses an empty bitmap at define (virDomainVcpuPinDefParseXML and its kin, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { pin = 4,^4 }
          vcpu 1 { pin = 5 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5 }
          emulator { pin = 0 }
        }
    """
    for kind, blocks in (("vcpu", vm.vcpu), ("iothread", vm.iothread)):
        for block in blocks:
            if block.pin is not None and not block.pin:
                yield Finding((kind, block.label, "pin"), f"the pin of {kind} {block.label} is empty")
    if vm.emulator is not None and vm.emulator.pin is not None and not vm.emulator.pin:
        yield Finding(("emulator", "pin"), "the pin of the emulator is empty")

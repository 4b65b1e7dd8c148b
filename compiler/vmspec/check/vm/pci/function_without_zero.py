"""A function that the guest does not look for."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.pci import placed
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_x86


@rule(4512, "function-without-zero", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def function_without_zero(vm: Domain) -> Iterator[Finding]:
    """
    What: A device is at a function above 0, and nothing is at function 0 of its slot.
    Why: Guests look at function 0 first and take the slot for empty without it (PCI Local Bus Specification 3.0, 3.2.2.3.4); libvirt
    accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.1) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.0) }
        }
    """
    heads = {(d.address.bus or 0, d.address.slot or 0) for d in placed(vm) if not d.address.function}
    for device in placed(vm):
        slot = (device.address.bus or 0, device.address.slot or 0)
        builtin = slot in ((0, 1), (0, 31)) and is_x86(vm)
        if device.address.function and slot not in heads and not builtin:
            yield Finding(
                (*device.path, "address"), f"{device} is at function {device.address.function}, and nothing is at function 0 of its slot"
            )

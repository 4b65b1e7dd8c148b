"""A sound card that QEMU does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4846, "sound-model", phase=Phase.DEFINE)
def sound_model(vm: Domain) -> Iterator[Finding]:
    """
    What: A sound card of model ich7.
    Why: libvirt 9.0.0 refuses it with QEMU at define (qemuValidateDomainDeviceDefSound, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Cannot automatically add a new PCI bus for a device with connect
    flags 00.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          sound { model = ich7 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          sound { model = ich9 }
        }
    """
    for sound in vm.sound:
        if sound.model == "ich7" and is_qemu(vm):
            yield Finding(("sound", sound.label, "model"), "QEMU has no sound card ich7", instead="ich9")

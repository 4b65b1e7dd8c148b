"""Spice sound without Spice."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4845, "spice-audio", phase=Phase.DEFINE)
def spice_audio(vm: Domain) -> Iterator[Finding]:
    """
    What: An audio backend of type spice, and the VM has no Spice graphics.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefAudio, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Spice audio is not supported without spice graphics.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          audio audio1 { id = 1; type = spice }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = spice }
          audio audio1 { id = 1; type = spice }
        }
    """
    if any(g.type == "spice" for g in vm.graphics):
        return
    for audio in vm.audio:
        if audio.type == "spice":
            yield Finding(("audio", audio.label, "type"), "Spice carries the sound, and the VM has no Spice graphics")

"""A TPM 1.2 with an interface of 2.0."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.tpm import Tpm
from vmspec.model.domain import Domain
from vmspec.model.machine import is_arm_virt


@rule(4620, "tpm-version-model", phase=Phase.DEFINE)
def version_model(tpm: Tpm, vm: Domain) -> Iterator[Finding]:
    """
    What: TPM 1.2 with model tpm-crb or tpm-spapr, or on ARM.
    Why: CRB is an interface of TPM 2.0; libvirt 9.0.0 refuses the pair at define (qemuValidateDomainDeviceDefTPM,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Unsupported interface 'tpm-crb' for TPM 1.2.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          tpm { model = tpm-crb; version = "1.2" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          tpm { model = tpm-crb; version = "2.0" }
        }
    """
    if tpm.version != "1.2" or tpm.backend not in (None, "emulator"):
        return
    if tpm.model in ("tpm-crb", "tpm-spapr"):
        yield Finding(("tpm", tpm.label, "version"), f"{tpm.model} is an interface of TPM 2.0, not 1.2", instead='"2.0"')
    elif is_arm_virt(vm):
        yield Finding(("tpm", tpm.label, "version"), "ARM machines have no TPM 1.2", instead='"2.0"')

"""PCR banks of a TPM that has none."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.tpm import Tpm


@rule(4621, "tpm-pcr-banks", phase=Phase.DEFINE)
def pcr_banks(tpm: Tpm) -> Iterator[Finding]:
    """
    What: `pcr-banks` without `version = "2.0"`.
    Why: libvirt 9.0.0 refuses it at define (virDomainTPMDevValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: <active_pcr_banks/> requires TPM version '2.0'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          tpm { model = tpm-tis; version = "1.2"; pcr-banks { sha256 = true } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          tpm { model = tpm-crb; version = "2.0"; pcr-banks { sha256 = true } }
        }
    """
    if tpm.pcr_banks is not None and tpm.version != "2.0" and tpm.backend in (None, "emulator"):
        yield Finding(("tpm", tpm.label, "pcr-banks"), 'PCR banks need version = "2.0"')

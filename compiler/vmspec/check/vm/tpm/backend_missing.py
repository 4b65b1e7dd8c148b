"""A TPM without a backend."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.tpm import Tpm


@rule(4622, "tpm-backend-missing", phase=Phase.DEFINE)
def backend_missing(tpm: Tpm) -> Iterator[Finding]:
    """
    What: A TPM has no backend.
    Why: libvirt 9.0.0 refuses it at define ("missing TPM device backend", virDomainTPMDefParseXML, src/conf/domain_conf.c).
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
          tpm { model = tpm-tis }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
          tpm { model = tpm-tis; backend = emulator }
        }
    """
    if tpm.backend is None:
        yield Finding(("tpm", tpm.label), f"TPM {tpm.label} has no backend", help="set backend = emulator")

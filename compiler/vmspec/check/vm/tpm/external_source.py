"""An external TPM without a socket."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.tpm import Tpm


@rule(4623, "tpm-external-source", phase=Phase.DEFINE)
def external_source(tpm: Tpm) -> Iterator[Finding]:
    """
    What: `backend = external` without the path of a Unix socket.
    Why: libvirt 9.0.0 refuses it at define (virDomainTPMDevValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: missing external TPM backend type.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          tpm { model = tpm-crb; backend = external }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          tpm { model = tpm-crb; backend = external; source-type = unix; source = "/run/tpm.sock"; source-mode = connect }
        }
    """
    if tpm.backend == "external" and (not tpm.source or tpm.source_type not in (None, "unix")):
        yield Finding(
            ("tpm", tpm.label, "backend"), "an external TPM is reached by a Unix socket", help='set source-type = unix and source = "/…"'
        )

"""A TPM of another machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.tpm import Tpm
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_pseries


@rule(4624, "tpm-spapr-machine", phase=Phase.DEFINE)
def spapr_machine(tpm: Tpm, vm: Domain) -> Iterator[Finding]:
    """
    What: Model tpm-spapr or spapr-tpm-proxy on another machine than pSeries, or the proxy without the host's TPM.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefTPM, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: The QEMU executable /usr/bin/qemu-system-x86_64 does
    not support TPM model tpm-spapr.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          tpm { model = tpm-spapr; version = "2.0" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          tpm { model = tpm-crb; version = "2.0" }
        }
    """
    if tpm.model in ("tpm-spapr", "spapr-tpm-proxy") and not is_pseries(vm):
        yield Finding(("tpm", tpm.label, "model"), f"{tpm.model} is for pSeries, not {describe(vm)}", instead="tpm-crb")
    elif tpm.model == "spapr-tpm-proxy" and tpm.backend != "passthrough":
        yield Finding(("tpm", tpm.label, "backend"), "a TPM proxy passes the host's TPM through", instead="passthrough")

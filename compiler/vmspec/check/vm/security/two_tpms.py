"""Two TPMs."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4625, "two-tpms", phase=Phase.DEFINE)
def two_tpms(vm: Domain) -> Iterator[Finding]:
    """
    What: Two TPMs that are no proxy, or two proxies.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefTPMs, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: only a single TPM non-proxy device is supported.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          tpm a { model = tpm-crb; version = "2.0" }
          tpm b { model = tpm-tis; version = "2.0" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          tpm a { model = tpm-crb; version = "2.0" }
        }
    """
    proxies = [t for t in vm.tpm if t.model == "spapr-tpm-proxy"]
    others = [t for t in vm.tpm if t.model != "spapr-tpm-proxy"]
    for some, name in ((proxies, "TPM proxy"), (others, "TPM")):
        for tpm in some[1:]:
            yield Finding(("tpm", tpm.label), f"a VM has one {name}", labels=((("tpm", some[0].label), "the first"),))

"""A smartcard of too few certificates."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.smartcard import HostCertificates
from vmspec.model.domain import Domain


@rule(4811, "certificates", phase=Phase.DEFINE)
def certificates(vm: Domain) -> Iterator[Finding]:
    """
    What: `host-certificates` without exactly three certificates.
    Why: libvirt 9.0.0 refuses it at define (virDomainSmartcardDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          smartcard { source = host-certificates(["cert1", "cert2"]) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          smartcard { source = host-certificates(["cert1", "cert2", "cert3"]) }
        }
    """
    for card in vm.smartcard:
        if isinstance(card.source, HostCertificates) and len(card.source.certificates) != 3:
            yield Finding(
                ("smartcard", card.label, "source"), f"host-certificates needs three certificates, not {len(card.source.certificates)}"
            )

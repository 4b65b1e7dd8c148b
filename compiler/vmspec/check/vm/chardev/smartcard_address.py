"""A smartcard outside its reader."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import misfit
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4810, "smartcard-address", phase=Phase.DEFINE)
def smartcard_address(vm: Domain) -> Iterator[Finding]:
    """
    What: A smartcard has another address than ccid, or there are two smartcards.
    Why: libvirt 9.0.0 refuses both at define (virDomainSmartcardDefValidate, src/conf/domain_validate.c; qemuValidateDomainSmartcardDef,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: this QEMU binary lacks multiple smartcard support.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          smartcard a { source = host-certificates(["c1", "c2", "c3"]) }
          smartcard b { source = host-certificates(["c1", "c2", "c3"]) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          smartcard a { source = host-certificates(["c1", "c2", "c3"]) }
        }
    """
    for card in vm.smartcard:
        if card.address is not None and misfit(card):
            yield Finding(("smartcard", card.label, "address"), f"a smartcard has a ccid address, not {card.address.tag}")
    for card in vm.smartcard[1:]:
        yield Finding(("smartcard", card.label), "QEMU has one smartcard", labels=((("smartcard", vm.smartcard[0].label), "the first"),))

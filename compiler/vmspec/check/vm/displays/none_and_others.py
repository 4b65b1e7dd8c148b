"""No card beside a card."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4840, "none-and-others", phase=Phase.DEFINE)
def none_and_others(vm: Domain) -> Iterator[Finding]:
    """
    What: A video card of model none is not the only one.
    Why: libvirt 9.0.0 refuses it at define (virDomainVideoDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: a 'none' video type must be the only video device
    defined for the domain.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video a { model = none }
          video b { model = vga }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video a { model = none }
        }
    """
    if len(vm.video) > 1:
        for card in vm.video:
            if card.model == "none":
                yield Finding(("video", card.label, "model"), "model none beside another video card")

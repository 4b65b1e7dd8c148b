"""Two first cards."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4841, "two-primaries", phase=Phase.DEFINE)
def two_primaries(vm: Domain) -> Iterator[Finding]:
    """
    What: Two video cards are primary.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefVideoValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Only one primary video device is supported.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video a { model = qxl; primary = true }
          video b { model = qxl; primary = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video a { model = qxl; primary = true }
          video b { model = qxl }
        }
    """
    first = [c for c in vm.video if c.primary]
    for card in first[1:]:
        yield Finding(
            ("video", card.label, "primary"),
            f"video {first[0].label} is primary already",
            labels=((("video", first[0].label, "primary"), "the first"),),
        )

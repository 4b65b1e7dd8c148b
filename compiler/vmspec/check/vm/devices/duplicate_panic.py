"""Two panic devices of one model."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4540, "duplicate-panic", phase=Phase.DEFINE)
def duplicate_panic(vm: Domain) -> Iterator[Finding]:
    """
    What: Two panic devices have the same model.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefRejectDuplicatePanics, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Multiple panic devices with model 'isa'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          panic a { model = isa }
          panic b { model = isa }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          panic a { model = isa }
          panic b { model = hyperv }
        }
    """
    seen: dict[str, str] = {}
    for panic in vm.panic:
        model = str(panic.model or "isa")
        first = seen.setdefault(model, panic.label)
        if first != panic.label:
            yield Finding(
                ("panic", panic.label), f"there is a panic device of model {model} already", labels=((("panic", first), "the first"),)
            )

"""A cache of translated code with KVM."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import show_quantity


@rule(4704, "tcg-cache", phase=Phase.DEFINE)
def tcg_cache(vm: Domain) -> Iterator[Finding]:
    """
    What: `tcg-tb-cache` on a VM that is not of type qemu, or no whole number of MiB.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefFeatures, src/qemu/qemu_validate.c).
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          features { acpi = true; tcg-tb-cache = 32MiB }
        }
    Instead:
        vm a { type = qemu; memory.size = 1GiB; cpu.count = 1; features { acpi = true; tcg-tb-cache = 32MiB } }
    """
    cache = vm.features.tcg_tb_cache if vm.features is not None else None
    if cache is None:
        return
    if vm.type != "qemu":
        yield Finding(("features", "tcg-tb-cache"), "only a VM of type qemu translates code", help="remove it")
    elif cache % (1 << 20):
        yield Finding(("features", "tcg-tb-cache"), f"tcg-tb-cache {show_quantity(cache)} is no whole number of MiB")

"""A share of the cache without KVM."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4171, "cachetune-needs-kvm", phase=Phase.DEFINE)
def cachetune_needs_kvm(vm: Domain) -> Iterator[Finding]:
    """
    What: `cachetune` on a VM that is not of type kvm.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDef, src/qemu/qemu_validate.c).
    Example:
        vm a {
          type = qemu
          memory.size = 1GiB
          cpu { count = 2; cachetune a { vcpus = 0; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 2; cachetune a { vcpus = 0; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } } }
        }
    """
    cpu = vm.cpu
    if cpu is not None and (cpu.cachetune or cpu.memorytune) and vm.type == "qemu":
        kind, label = ("cachetune", cpu.cachetune[0].label) if cpu.cachetune else ("memorytune", cpu.memorytune[0].label)
        yield Finding(("cpu", kind, label), f"{kind} needs type = kvm")

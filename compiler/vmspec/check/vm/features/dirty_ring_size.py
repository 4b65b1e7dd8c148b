"""A dirty ring of a size that KVM does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4702, "dirty-ring-size", phase=Phase.DEFINE)
def dirty_ring_size(vm: Domain) -> Iterator[Finding]:
    """
    What: `kvm.dirty-ring-size` is not a power of two from 1024 to 65536.
    Why: libvirt 9.0.0 refuses others at define (virDomainFeaturesKVMDefParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: dirty ring must be power of 2 and ranges [1024, 65536].
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          features { acpi = true; kvm { dirty-ring = true; dirty-ring-size = 5000 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          features { acpi = true; kvm { dirty-ring = true; dirty-ring-size = 4096 } }
        }
    """
    kvm = vm.features.kvm if vm.features is not None else None
    size = kvm.dirty_ring_size if kvm is not None and kvm.dirty_ring else None
    if size is not None and (size & (size - 1) or not 1024 <= size <= 65536):
        yield Finding(
            ("features", "kvm", "dirty-ring-size"), f"dirty-ring-size {size} is not a power of two from 1024 to 65536", instead="4096"
        )

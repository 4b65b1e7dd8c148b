"""A hypervisor's name that does not fit."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.hyperv import HyperV


@rule(4711, "hyperv-vendor-id-value", phase=Phase.DEFINE)
def vendor_id_value(hyperv: HyperV) -> Iterator[Finding]:
    """
    What: `hyperv.vendor-id` has more than 12 characters, a comma, or no value.
    Why: CPUID has 12 bytes for it; libvirt 9.0.0 refuses others at define (virDomainFeaturesHyperVDefParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hyperv { vendor-id { value = "KVM, hidden" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hyperv { vendor-id { value = "KVM Hv" } }
        }
    """
    vendor = hyperv.vendor_id
    if vendor is not None and vendor.state is not False and (not vendor.value or len(vendor.value) > 12 or "," in vendor.value):
        yield Finding(("hyperv", "vendor-id", "value"), f"vendor-id {vendor.value!r} is not from 1 to 12 characters without a comma")

"""A feature that processors of the model's maker do not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.cpu_map import vendor_of, vendor_of_feature
from vmspec.model.domain import Domain
from vmspec.model.machine import is_x86

NAMES = {"intel": "Intel", "amd": "AMD"}


@rule(4120, "cpu-feature-of-other-vendor", phase=Phase.START)
def feature_of_other_vendor(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: A model of one maker with a feature that only the other's processors have, such as svm on an Intel model.
    Why: Under KVM the host has to have both, which none does: the start fails ("Host CPU does not provide required features", observed with
    libvirt 9.0.0 and QEMU 7.2).
    Example:
        vm a { memory.size = 1GiB; cpu { count = 2; mode = custom; model = Skylake-Server; features { svm = require } } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 2; mode = custom; model = Skylake-Server; features { vmx = require } } }
    """
    maker = vendor_of(cpu.model) if cpu.model is not None and cpu.mode in (None, "custom") else None
    if maker is None or vm.type == "qemu" or not is_x86(vm):
        return
    for name, policy in (cpu.features or {}).items():
        other = vendor_of_feature(name)
        if policy in ("require", "force") and other is not None and other != maker:
            yield Finding(
                ("cpu", "features", name),
                f"{name} is {NAMES[other]}'s, and {cpu.model} is a model of {NAMES[maker]}'s",
                labels=((("cpu", "model"), "the model"),),
            )

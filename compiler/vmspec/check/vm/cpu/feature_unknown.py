"""A CPU feature that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.suggest import likeliest, question
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.cpu_map import features, is_feature, own_name
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu, is_x86


@rule(4119, "cpu-feature-unknown", phase=Phase.START)
def feature_unknown(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.features` names a feature that is none of libvirt's.
    Why: define accepts any name, and the start fails in every mode and with every policy ("unknown CPU feature: foo", observed with libvirt
    9.0.0 and QEMU 7.2). The names are those of src/cpu_map/x86_features.xml, where QEMU's own may differ: `lahf_lm`, not `lahf-lm`.
    Example:
        vm a { memory.size = 1GiB; cpu { count = 2; mode = host-passthrough; features { pdpe1g = require } } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 2; mode = host-passthrough; features { pdpe1gb = require } } }
    """
    if not cpu.features or not is_x86(vm) or not is_qemu(vm):
        return
    for name in cpu.features:
        if not is_feature(name):
            close = own_name(name) or likeliest(name, features())
            yield Finding(
                ("cpu", "features", name),
                f"libvirt knows no CPU feature {name}",
                help=question(close) if close else "they are listed in libvirt's cpu_map, x86_features.xml",
            )

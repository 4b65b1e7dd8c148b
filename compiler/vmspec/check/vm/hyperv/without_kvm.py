"""Enlightenments without a hypervisor."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.hyperv import HyperV
from vmspec.model.machine import is_x86


@rule(4713, "hyperv-without-kvm", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def without_kvm(hyperv: HyperV, vm: Domain) -> Iterator[Finding]:
    """
    What: Hyper-V enlightenments on a VM of type qemu.
    Why: They are KVM's; TCG leaves them out (docs/system/i386/hyperv.rst of QEMU 7.2), but for vpindex, with which it does not
    start (4707).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          type = qemu
          memory.size = 1GiB
          cpu.count = 1
          hyperv { relaxed = true }
        }
    Instead:
        vm a {
          type = qemu
          memory.size = 1GiB
          cpu.count = 1
        }
    """
    if vm.type == "qemu" and is_x86(vm) and not hyperv.vpindex and (hyperv.relaxed or hyperv.vapic or hyperv.synic):
        yield Finding(("hyperv",), "enlightenments have no effect without KVM", labels=((("type",), "emulated"),))

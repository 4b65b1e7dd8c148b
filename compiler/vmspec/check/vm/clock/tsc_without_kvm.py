"""A paravirtual clock without KVM."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4725, "tsc-without-kvm", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def tsc_without_kvm(vm: Domain) -> Iterator[Finding]:
    """
    What: Timer kvmclock present on a VM of type qemu.
    Why: kvmclock is KVM's; TCG has none (target/i386/kvm of QEMU 7.2).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          type = qemu
          memory.size = 1GiB
          cpu.count = 1
          clock { offset = utc; timer kvmclock { present = true } }
        }
    Instead:
        vm a {
          type = qemu
          memory.size = 1GiB
          cpu.count = 1
          clock { offset = utc; timer rtc { tickpolicy = catchup } }
        }
    """
    if vm.type == "qemu" and vm.clock is not None:
        for timer in vm.clock.timer:
            if timer.label == "kvmclock" and timer.present:
                yield Finding(("clock", "timer", "kvmclock"), "there is no kvmclock without KVM", labels=((("type",), "emulated"),))

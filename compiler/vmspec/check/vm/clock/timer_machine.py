"""A timer of another machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, describe, is_arm_virt, is_qemu, is_x86


@rule(4722, "timer-machine", phase=Phase.DEFINE)
def timer_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: Timer platform with QEMU, tsc, kvmclock or hypervclock outside x86, or armvtimer outside ARM.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefClockTimers, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unsupported timer type (name) 'platform'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          clock { offset = utc; timer platform { present = true } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          clock { offset = utc; timer rtc { tickpolicy = catchup } }
        }
    """
    if vm.clock is None or not is_qemu(vm):
        return
    for timer in vm.clock.timer:
        here = ("clock", "timer", timer.label)
        if timer.label == "platform":
            yield Finding(here, "QEMU has no timer platform")
        elif timer.label in ("tsc", "kvmclock", "hypervclock") and timer.present and not is_x86(vm):
            yield Finding(here, f"timer {timer.label} is for x86, not {arch(vm)}")
        elif timer.label == "armvtimer" and not (is_arm_virt(vm) and vm.type == "kvm"):
            yield Finding(here, f"timer armvtimer needs KVM on ARM, not {describe(vm)}")

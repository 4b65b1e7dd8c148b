"""A tick policy that the timer does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain

_REFUSED = {
    "rtc": ("merge", "discard"),
    "pit": ("merge",),
    "kvmclock": ("delay", "catchup", "merge", "discard"),
    "hypervclock": ("delay", "catchup", "merge", "discard"),
}


@rule(4720, "rtc-tickpolicy", phase=Phase.DEFINE)
def rtc_tickpolicy(vm: Domain) -> Iterator[Finding]:
    """
    What: `tickpolicy` merge or discard of rtc, merge of pit, or any of kvmclock or hypervclock.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefClockTimers, src/qemu/qemu_validate.c; virDomainDefPostParseTimer,
    src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unsupported rtc timer tickpolicy 'merge'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          clock { offset = utc; timer rtc { tickpolicy = merge } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          clock { offset = utc; timer rtc { tickpolicy = catchup } }
        }
    """
    if vm.clock is None:
        return
    for timer in vm.clock.timer:
        if timer.tickpolicy in _REFUSED.get(timer.label, ()):
            yield Finding(
                ("clock", "timer", timer.label, "tickpolicy"),
                f"timer {timer.label} has no tickpolicy {timer.tickpolicy}",
                instead="catchup" if timer.label == "rtc" else "delay" if timer.label == "pit" else None,
            )

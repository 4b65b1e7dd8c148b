"""A timer that libvirt does not know."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.suggest import did_you_mean
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain

NAMES = ("platform", "pit", "rtc", "hpet", "tsc", "kvmclock", "hypervclock", "armvtimer")


@rule(4910, "timer-name", phase=Phase.DEFINE)
def timer_name(vm: Domain) -> Iterator[Finding]:
    """
    What: A timer with a name that libvirt does not know.
    Why: libvirt 9.0.0 refuses it at parse (virDomainTimerName, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid value for attribute 'name' in element 'timer': 'htep'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          clock { timer htep { present = false } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          clock { timer hpet { present = false } }
        }
    """
    for timer in vm.clock.timer if vm.clock is not None else ():
        if timer.label not in NAMES:
            said = did_you_mean(timer.label, NAMES) or "timers are " + ", ".join(NAMES)
            yield Finding(("clock", "timer", timer.label), f"there is no timer {timer.label}", help=said)

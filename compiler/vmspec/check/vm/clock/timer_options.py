"""An option of another timer."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4721, "timer-options", phase=Phase.DEFINE)
def timer_options(vm: Domain) -> Iterator[Finding]:
    """
    What: `frequency` or `mode` of a timer that is not tsc, `track` of one that is neither rtc nor platform, `catchup-…` without `tickpolicy
    = catchup`, or track boot of rtc.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseTimer, src/conf/domain_postparse.c; qemuValidateDomainDefClockTimers,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          clock { offset = utc; timer rtc { frequency = 1GHz } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          clock { offset = utc; timer tsc { frequency = 1GHz } }
        }
    """
    if vm.clock is None:
        return
    for timer in vm.clock.timer:
        here = ("clock", "timer", timer.label)
        if timer.label != "tsc":
            for name, value in (("frequency", timer.frequency), ("mode", timer.mode)):
                if value:
                    yield Finding((*here, name), f"{name} is an option of timer tsc, not of {timer.label}")
        if timer.track and timer.label not in ("rtc", "platform"):
            yield Finding((*here, "track"), f"track is an option of timer rtc, not of {timer.label}")
        elif timer.track == "boot" and timer.label == "rtc":
            yield Finding((*here, "track"), "QEMU's rtc tracks guest or wall, not boot", instead="guest")
        if timer.tickpolicy != "catchup" and (timer.catchup_threshold or timer.catchup_slew or timer.catchup_limit):
            yield Finding(here, f"how timer {timer.label} catches up is said, and it does not", help="set tickpolicy = catchup")

"""The guest's timers."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.suggest import did_you_mean
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, describe, is_arm_virt, is_qemu, is_x86

_REFUSED = {
    "rtc": ("merge", "discard"),
    "pit": ("merge",),
    "kvmclock": ("delay", "catchup", "merge", "discard"),
    "hypervclock": ("delay", "catchup", "merge", "discard"),
}


@rule(4720, "rtc-tickpolicy", phase=Phase.DEFINE, needs="clock.timer")
def rtc_tickpolicy(vm: Domain) -> Iterator[Finding]:
    """
    What: `tickpolicy` merge or discard of rtc, merge of pit, or any of kvmclock or hypervclock.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefClockTimers, src/qemu/qemu_validate.c; virDomainDefPostParseTimer,
    src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unsupported rtc timer tickpolicy 'merge'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { offset = utc; timer rtc { tickpolicy = merge } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { offset = utc; timer rtc { tickpolicy = catchup } } }
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


@rule(4721, "timer-options", phase=Phase.DEFINE, needs="clock.timer")
def timer_options(vm: Domain) -> Iterator[Finding]:
    """
    What: `frequency` or `mode` of a timer that is not tsc, `track` of one that is neither rtc nor platform, `catchup-…` without `tickpolicy
    = catchup`, or track boot of rtc.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseTimer, src/conf/domain_postparse.c; qemuValidateDomainDefClockTimers,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { offset = utc; timer rtc { frequency = 1GHz } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { offset = utc; timer tsc { frequency = 1GHz } } }
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


@rule(4722, "timer-machine", phase=Phase.DEFINE, needs="clock.timer")
def timer_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: Timer platform with QEMU, tsc, kvmclock or hypervclock outside x86, or armvtimer outside ARM.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefClockTimers, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unsupported timer type (name) 'platform'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { offset = utc; timer platform { present = true } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { offset = utc; timer rtc { tickpolicy = catchup } } }
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


@rule(4725, "tsc-without-kvm", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="clock.timer")
def tsc_without_kvm(vm: Domain) -> Iterator[Finding]:
    """
    What: Timer kvmclock present on a VM of type qemu.
    Why: kvmclock is KVM's; TCG has none (target/i386/kvm of QEMU 7.2).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { type = qemu; memory.size = 1GiB; cpu.count = 1; clock { offset = utc; timer kvmclock { present = true } } }
    Instead:
        vm a { type = qemu; memory.size = 1GiB; cpu.count = 1; clock { offset = utc; timer rtc { tickpolicy = catchup } } }
    """
    if vm.type == "qemu" and vm.clock is not None:
        for timer in vm.clock.timer:
            if timer.label == "kvmclock" and timer.present:
                yield Finding(("clock", "timer", "kvmclock"), "there is no kvmclock without KVM", labels=((("type",), "emulated"),))


NAMES = ("platform", "pit", "rtc", "hpet", "tsc", "kvmclock", "hypervclock", "armvtimer")


@rule(4910, "timer-name", phase=Phase.DEFINE, needs="clock.timer")
def timer_name(vm: Domain) -> Iterator[Finding]:
    """
    What: A timer with a name that libvirt does not know.
    Why: libvirt 9.0.0 refuses it at parse (virDomainTimerName, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid value for attribute 'name' in element 'timer': 'htep'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { timer htep { present = false } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { timer hpet { present = false } } }
    """
    for timer in vm.clock.timer if vm.clock is not None else ():
        if timer.label not in NAMES:
            said = did_you_mean(timer.label, NAMES) or "timers are " + ", ".join(NAMES)
            yield Finding(("clock", "timer", timer.label), f"there is no timer {timer.label}", help=said)

"""The clock, the events at the end, and what the machine's switches become."""

from __future__ import annotations

from vmspec.model.clock import Clock
from vmspec.model.domain import Domain
from vmspec.model.events import Events
from vmspec.model.features import Features
from vmspec.model.machine import is_arm_virt
from vmspec.model.value import Symbol
from vmspec.normal.edit import filled, made, without
from vmspec.normal.target import Target


def clock(vm: Domain, target: Target) -> Domain:
    """UTC; an adjustment in seconds makes the offset variable (virDomainDefClockParse, virDomainClockDefFormat,
    src/conf/domain_conf.c 9.0.0)."""
    own = filled(vm.clock or Clock(), offset=Symbol("utc"))
    if own.offset in ("utc", "localtime"):
        if own.adjustment is not None and own.adjustment != "reset":
            own = own.but(basis=own.offset, offset=Symbol("variable"))
        else:
            own = without(own, "basis")
    elif own.offset == "variable":
        own = filled(own, adjustment=0, basis=Symbol("utc"))
        own = own.but(adjustment=0) if own.adjustment == "reset" else own
    else:
        own = without(own, "adjustment", "basis")
    gone = {"timezone": "timezone", "start": "absolute"}
    return vm.but(clock=without(own, *(name for name, offset in gone.items() if own.offset != offset)))


def events(vm: Domain, target: Target) -> Domain:
    """Destroy, restart, destroy (virDomainDefLifecycleParse, src/conf/domain_conf.c 9.0.0)."""
    own = filled(vm.events or Events(), on_poweroff=Symbol("destroy"), on_reboot=Symbol("restart"), on_crash=Symbol("destroy"))
    return vm.but(events=own)


def features(vm: Domain, target: Target) -> Domain:
    """Hyper-V's list is custom; what is off has no further words (virDomainFeaturesHyperVDefParse, virDomainDefFormatFeatures,
    src/conf/domain_conf.c 9.0.0)."""
    if vm.hyperv is not None:
        own = filled(vm.hyperv, mode=Symbol("custom"))
        for name, parts in (("spinlocks", ("retries",)), ("stimer", ("direct",)), ("vendor_id", ("value",))):
            block = getattr(own, name)
            if block is not None and block.state is not True:
                own = own.but(**{name: without(block, *parts)})
        if own.stimer is not None and own.stimer.direct is False:
            own = own.but(stimer=without(own.stimer, "direct"))
        vm = vm.but(hyperv=own)
    smm = vm.features.smm if vm.features is not None else None
    if vm.features is not None and smm is not None:
        smm = filled(smm, state=True)
        vm = vm.but(features=vm.features.but(smm=smm if smm.state else without(smm, "tseg")))
    return vm


def gic(vm: Domain, target: Target) -> Domain:
    """The virt machine of ARM always has an interrupt controller (qemuDomainDefEnableDefaultFeatures, src/qemu/qemu_domain.c 9.0.0);
    version 3 needs KVM, 2 is the last resort."""
    own = vm.features
    wanted = (own is None or not own.gic) and is_arm_virt(vm)
    if not wanted and not (own is not None and own.gic and own.gic_version is None):
        return vm
    usable = [v for v in ("3", "2", "host") if v in target.gic and not (v == "3" and vm.type == "qemu")]
    return vm.but(features=made(own, Features, gic=True, gic_version=Symbol(usable[0] if usable else "2")))

"""Hyper-V enlightenments: their dependencies and limits."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.hyperv import HyperV
from vmspec.model.machine import is_x86


@rule(4707, "vpindex-without-kvm", phase=Phase.START, needs="vpindex")
def vpindex_without_kvm(hyperv: HyperV, vm: Domain) -> Iterator[Finding]:
    """
    What: `hyperv.vpindex` on a VM of type qemu.
    Why: QEMU asks KVM for it, and ends where there is none (hyperv_init_vcpu, target/i386/kvm/kvm.c of QEMU 7.2). The other enlightenments
    are left out without a word (4713). std.windows-guest sets them all.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it; start fails: qemu-system-x86_64: kernel doesn't allow setting HyperV VP_INDEX.
    Example:
        vm a { type = qemu; memory.size = 1GiB; cpu.count = 1; hyperv { vpindex = true } }
    Instead:
        vm a { type = kvm; memory.size = 1GiB; cpu.count = 1; hyperv { vpindex = true } }
    """
    if hyperv.vpindex and vm.type == "qemu" and is_x86(vm):
        yield Finding(
            ("hyperv", "vpindex"),
            "vpindex needs KVM, and QEMU does not start without it",
            labels=((("type",), "emulated"),),
            help="without KVM, `unset hyperv`",
        )


@rule(4710, "hyperv-spinlock-retries", phase=Phase.DEFINE, needs="spinlocks")
def spinlock_retries(hyperv: HyperV) -> Iterator[Finding]:
    """
    What: `spinlocks.retries` is below 4095, or spinlocks are on without it.
    Why: libvirt 9.0.0 refuses it at define (virDomainFeaturesHyperVDefParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: HyperV spinlock retry count must be at least 4095.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; hyperv { spinlocks { state = true; retries = 4000 } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; hyperv { spinlocks { state = true; retries = 8191 } } }
    """
    locks = hyperv.spinlocks
    if locks is not None and locks.state and locks.retries is None and not locks.raw:
        yield Finding(("hyperv", "spinlocks"), "spinlocks need retries", help="set retries = 8191")
    elif locks is not None and locks.state is not False and locks.retries is not None and locks.retries < 4095:
        yield Finding(("hyperv", "spinlocks", "retries"), f"retries {locks.retries} is below 4095", instead="8191")


@rule(4711, "hyperv-vendor-id-value", phase=Phase.DEFINE, needs="vendor_id")
def vendor_id_value(hyperv: HyperV) -> Iterator[Finding]:
    """
    What: `hyperv.vendor-id` has more than 12 characters, a comma, or no value.
    Why: CPUID has 12 bytes for it; libvirt 9.0.0 refuses others at define (virDomainFeaturesHyperVDefParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; hyperv { vendor-id { value = "KVM, hidden" } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; hyperv { vendor-id { value = "KVM Hv" } } }
    """
    vendor = hyperv.vendor_id
    if vendor is not None and vendor.state is not False and (not vendor.value or len(vendor.value) > 12 or "," in vendor.value):
        yield Finding(("hyperv", "vendor-id", "value"), f"vendor-id {vendor.value!r} is not from 1 to 12 characters without a comma")


REFUSED_PAIRS = (
    *(("ipi", "vpindex"), ("tlbflush", "vpindex"), ("evmcs", "vapic")),
    *(("stimer", "synic"), ("stimer", "clock.timer.hypervclock")),
)
REFUSED_SINCE = "11.9.0"
"""libvirt refuses these at define (seen with 12.9.0; NEWS.rst 11.9.0 began, 12.0.0 took synic and others out)."""


@rule(4712, "hyperv-dependencies", phase=Phase.ACCEPTED, needs="synic stimer tlbflush ipi evmcs")
def dependencies(hyperv: HyperV, vm: Domain) -> Iterator[Finding]:
    """
    What: synic or ipi or tlbflush without vpindex; stimer without vpindex, synic and the hypervclock timer; evmcs without vapic.
    Why: QEMU checks them as the guest starts ("Hyper-V synthetic interrupt controller … requires Hyper-V VP_INDEX", target/i386/kvm/hyperv-
    proto.h and kvm.c of QEMU 7.2; docs/system/i386/hyperv.rst); libvirt 9.0.0 does not look, 11.9.0 refuses most of
    them at define.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; hyperv { relaxed = true; synic = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; hyperv { relaxed = true; vpindex = true; synic = true } }
    """
    if hyperv.mode in ("passthrough", "host-model"):
        return
    stimer = hyperv.stimer is not None and hyperv.stimer.state
    flush = hyperv.tlbflush is not None and hyperv.tlbflush.state
    clock = any(t.label == "hypervclock" and t.present is not False for t in vm.clock.timer) if vm.clock is not None else False
    needs = (
        ("synic", hyperv.synic, "vpindex", hyperv.vpindex),
        ("ipi", hyperv.ipi, "vpindex", hyperv.vpindex),
        ("tlbflush", flush, "vpindex", hyperv.vpindex),
        ("stimer", stimer, "vpindex", hyperv.vpindex),
        ("stimer", stimer, "synic", hyperv.synic),
        ("stimer", stimer, "clock.timer.hypervclock", clock),
        ("evmcs", hyperv.evmcs, "vapic", hyperv.vapic),
    )
    for name, wanted, base, there in needs:
        if wanted and not there:
            yield Finding(
                ("hyperv", name),
                f"{name} needs {base}",
                help="add clock { timer hypervclock { present = true } }" if "clock" in base else f"set hyperv.{base} = true",
                refused=REFUSED_SINCE if (name, base) in REFUSED_PAIRS else "",
            )


@rule(4713, "hyperv-without-kvm", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="relaxed vapic synic")
def without_kvm(hyperv: HyperV, vm: Domain) -> Iterator[Finding]:
    """
    What: Hyper-V enlightenments on a VM of type qemu.
    Why: They are KVM's; TCG leaves them out (docs/system/i386/hyperv.rst of QEMU 7.2), but for vpindex, with which it does not
    start (4707).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { type = qemu; memory.size = 1GiB; cpu.count = 1; hyperv { relaxed = true } }
    Instead:
        vm a { type = qemu; memory.size = 1GiB; cpu.count = 1 }
    """
    if vm.type == "qemu" and is_x86(vm) and not hyperv.vpindex and (hyperv.relaxed or hyperv.vapic or hyperv.synic):
        yield Finding(("hyperv",), "enlightenments have no effect without KVM", labels=((("type",), "emulated"),))


@rule(4714, "hyperv-passthrough-migration", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="mode")
def passthrough_migration(hyperv: HyperV) -> Iterator[Finding]:
    """
    What: `hyperv.mode = passthrough`.
    Why: The guest gets all that this host's KVM knows, which the next host may not; libvirt does not compare (docs/formatdomain.rst 9.0.0,
    "hyperv": mode).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; hyperv { mode = passthrough } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; hyperv { mode = custom; relaxed = true } }
    """
    if hyperv.mode == "passthrough":
        yield Finding(("hyperv", "mode"), "a guest with the host's own enlightenments may not run on another host", help="name them")

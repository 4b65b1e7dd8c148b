"""An enlightenment without the one that it builds on."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.hyperv import HyperV


@rule(4712, "hyperv-dependencies", phase=Phase.ACCEPTED)
def dependencies(hyperv: HyperV, vm: Domain) -> Iterator[Finding]:
    """
    What: synic or ipi or tlbflush without vpindex; stimer without vpindex, synic and the hypervclock timer; evmcs without vapic.
    Why: QEMU checks them as the guest starts ("Hyper-V synthetic interrupt controller … requires Hyper-V VP_INDEX", target/i386/kvm/hyperv-
    proto.h and kvm.c of QEMU 7.2; docs/system/i386/hyperv.rst); libvirt 9.0.0 does not look.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hyperv { relaxed = true; synic = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hyperv { relaxed = true; vpindex = true; synic = true }
        }
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
            )

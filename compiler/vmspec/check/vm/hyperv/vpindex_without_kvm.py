"""Numbers of virtual processors without KVM."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.hyperv import HyperV
from vmspec.model.machine import is_x86


@rule(4707, "vpindex-without-kvm", phase=Phase.START)
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

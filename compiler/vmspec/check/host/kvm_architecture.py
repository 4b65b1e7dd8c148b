"""Another architecture under KVM."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.machine import arch


@rule(5016, "kvm-architecture", phase=Phase.START)
def kvm_architecture(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM of type kvm has another architecture than its host.
    Why: KVM runs the host's own instructions; libvirt refuses the pair where it knows the host (virQEMUCapsIsVirtTypeSupported, libvirt
    9.0.0).
    Example:
        host n1 { arch = aarch64; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1 }
    Instead:
        host n1 { arch = x86_64; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1 }
    """
    for vm in vms:
        own, theirs = arch(vm.spec), str(host.spec.arch or "x86_64")
        compatible = own == theirs or (own, theirs) in (
            ("i686", "x86_64"),
            ("armv7l", "aarch64"),
            ("ppc64", "ppc64le"),
            ("ppc64le", "ppc64"),
        )
        if vm.spec.type in (None, "kvm") and not compatible:
            yield Finding(
                ("arch",),
                f"{vm.name} is {own} under KVM, and {host.name} is {theirs}",
                others=((host, ("arch",), "its architecture"),),
                help="set type = qemu to emulate it",
                of=vm,
            )

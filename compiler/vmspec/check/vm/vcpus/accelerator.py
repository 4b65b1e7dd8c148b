"""What vCPUs need KVM for."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4171, "cachetune-needs-kvm", phase=Phase.DEFINE, needs="cpu.cachetune cpu.memorytune")
def cachetune_needs_kvm(vm: Domain) -> Iterator[Finding]:
    """
    What: `cachetune` on a VM that is not of type kvm.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDef, src/qemu/qemu_validate.c).
    Example:
        vm a {
          type = qemu; memory.size = 1GiB
          cpu { count = 2; cachetune a { vcpus = 0; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 2; cachetune a { vcpus = 0; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } } }
        }
    """
    cpu = vm.cpu
    if cpu is not None and (cpu.cachetune or cpu.memorytune) and vm.type == "qemu":
        kind, label = ("cachetune", cpu.cachetune[0].label) if cpu.cachetune else ("memorytune", cpu.memorytune[0].label)
        yield Finding(("cpu", kind, label), f"{kind} needs type = kvm")


@rule(4172, "host-cpu-without-kvm", phase=Phase.START, needs="cpu.mode")
def host_cpu_without_kvm(vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.mode = host-passthrough` on a VM of type qemu.
    Why: TCG emulates a CPU and cannot pass one through; libvirt 9.0.0 refuses it at start ("CPU mode 'host-passthrough' for x86_64 qemu
    domain on x86_64 host is not supported by hypervisor", qemuProcessUpdateGuestCPU, src/qemu/qemu_process.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: unsupported configuration: CPU mode 'host-passthrough' for
    x86_64 qemu domain on x86_64 host is not supported by hypervisor.
    Example:
        vm a { type = qemu; memory.size = 1GiB; cpu { count = 2; mode = host-passthrough } }
    Instead:
        vm a { type = qemu; memory.size = 1GiB; cpu { count = 2; mode = maximum } }
    """
    if vm.type == "qemu" and vm.cpu is not None and vm.cpu.mode == "host-passthrough":
        yield Finding(
            ("cpu", "mode"), "host-passthrough needs KVM, and this VM is of type qemu", labels=((("type",), "emulated"),), instead="maximum"
        )

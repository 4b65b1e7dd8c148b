"""The migratable flag on a named CPU."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_qemu, is_x86


@rule(4104, "cpu-migratable-mode", phase=Phase.DEFINE)
def migratable_mode(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.migratable` is set and the mode is neither host-passthrough nor maximum, or it is true on another machine than x86.
    Why: Named models hold nothing that cannot migrate; libvirt 9.0.0 refuses the flag at define (virCPUDefParseXML, src/conf/cpu_conf.c).
    Only QEMU's x86 CPUs have the property (qemuValidateDomainDefCpu, src/qemu/qemu_validate.c; tests/qemucapabilitiesdata: cpu-migratable).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Attribute migratable is only allowed for 'host-
    passthrough' / 'maximum' CPU mode.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { mode = host-model; migratable = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { mode = host-passthrough; migratable = true }
        }
    """
    if cpu.migratable is not None and cpu.mode not in ("host-passthrough", "maximum"):
        yield Finding(("cpu", "migratable"), f"migratable is for host-passthrough and maximum, not {cpu.mode or 'custom'}")
    elif cpu.migratable and not is_x86(vm) and is_qemu(vm):
        yield Finding(("cpu", "migratable"), f"{describe(vm)} has no CPU whose features could be restricted to those that migrate")

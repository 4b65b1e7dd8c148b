"""A pin for a vCPU that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4155, "pin-beyond-vcpus", phase=Phase.ACCEPTED)
def pin_beyond_vcpus(vm: Domain) -> Iterator[Finding]:
    """
    What: A pin, schedule or state for a vCPU whose number is not below the largest number of vCPUs.
    Why: libvirt discards such pins without a word (virDomainVcpuPinDefParseXML, src/conf/domain_conf.c 9.0.0): a later vCPU floats that was
    thought pinned.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          vcpu 0 { pin = 2 }
          vcpu 1 { pin = 3 }
          emulator { pin = 1 }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu.count = 2
          vcpu 0 { pin = 2 }
          vcpu 1 { pin = 3 }
          emulator { pin = 1 }
        }
    """
    most = max_vcpus(vm)
    for vcpu in vm.vcpu:
        if vcpu.pin is not None and vcpu.label.isdigit() and int(vcpu.label) >= most:
            yield Finding(("vcpu", vcpu.label), f"vCPU {vcpu.label} does not exist: the VM has {most}, numbered from 0")

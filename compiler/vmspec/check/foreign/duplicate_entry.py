"""One thing tuned twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain

_TUNED = re.compile(r"<(vcpupin|iothreadpin)\b[^>]*\b(?:vcpu|iothread)=.(\d+)")
_CELL = re.compile(r"<cell\b[^>]*\bid=.(\d+)")
_FEATURE = re.compile(r"<feature\b[^>]*\bname=.([\w.-]+)")


@rule(4951, "duplicate-entry", phase=Phase.DEFINE)
def duplicate_entry(vm: Domain) -> Iterator[Finding]:
    """
    What: Imported XML pins a vCPU or I/O thread twice, has two NUMA cells with one number, or names a CPU feature twice.
    Why: libvirt 9.0.0 refuses it at define (virDomainVcpuPinDefParseXML and virDomainIOThreadPinDefParseXML, src/conf/domain_conf.c;
    virDomainNumaDefParseXML, src/conf/numa_conf.c; virCPUDefParseXML, src/conf/cpu_conf.c). It comes from XML only: the language has one
    value for a name.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: CPU feature 'vmx' specified more than once.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 2
          features { acpi = true }
          cpu { mode = host-model; features { vmx = require } }
          xml { "cpu" = "<feature policy='disable' name='vmx'/>" }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 2
          features { acpi = true }
          cpu { mode = host-model; features { vmx = disable } }
        }
    """
    pinned = {
        "vcpupin": [v.label for v in vm.vcpu if v.pin is not None],
        "iothreadpin": [t.label for t in vm.iothread if t.pin is not None],
    }
    for kind, number in _TUNED.findall(vm.raw.get("cputune", "")):
        if number in pinned[kind]:
            yield Finding(("vcpu" if kind == "vcpupin" else "iothread", number, "pin"), f"there are two {kind} of {number}")
    there = [cell.label for cell in vm.numa.cell] if vm.numa is not None else []
    for number in _CELL.findall(vm.raw.get("cpu/numa", "")):
        if number in there:
            yield Finding(("numa", "cell", number), f"there are two cells {number}")
    features = vm.cpu.features if vm.cpu is not None and vm.cpu.features else {}
    for name in _FEATURE.findall(vm.raw.get("cpu", "")):
        if name in features:
            here: Path = ("cpu", "features", name)
            yield Finding(here, f"CPU feature {name} is named twice")

"""An nvdimm label that does not fit."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.memory_device import MemoryDevice
from vmspec.model.value import show_quantity


@rule(4227, "memory-module-nvdimm-label", phase=Phase.DEFINE)
def nvdimm_label(module: MemoryDevice) -> Iterator[Finding]:
    """
    What: `label-size` is below 128 KiB, or not below the size of the module.
    Why: libvirt 9.0.0 refuses it at define (virDomainMemoryTargetDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: nvdimm label must be at least 128KiB.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = nvdimm; size = 1GiB; node = 0; path = "/dev/dax0.0"; label-size = 64KiB }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = nvdimm; size = 1GiB; node = 0; path = "/dev/dax0.0"; label-size = 128KiB }
        }
    """
    if module.label_size is None or module.model != "nvdimm":
        return
    here = ("memory-device", module.label, "label-size")
    if module.label_size < 128 << 10:
        yield Finding(here, f"label-size {show_quantity(module.label_size)} is below 128KiB", instead="128KiB")
    elif module.size and module.label_size >= module.size:
        yield Finding(here, f"label-size {show_quantity(module.label_size)} is not below the module's {show_quantity(module.size)}")

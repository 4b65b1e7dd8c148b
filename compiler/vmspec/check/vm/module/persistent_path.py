"""Persistent memory without a file."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.memory_device import MemoryDevice


@rule(4226, "memory-module-persistent-path", phase=Phase.DEFINE)
def persistent_path(module: MemoryDevice) -> Iterator[Finding]:
    """
    What: An nvdimm or virtio-pmem module has no `path`, or `discard = true`; or a virtio-pmem is not shared.
    Why: libvirt 9.0.0 refuses these at define (virDomainMemoryDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: path is required for model 'nvdimm'.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = nvdimm; size = 1GiB; node = 0 }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = nvdimm; size = 1GiB; node = 0; path = "/dev/dax0.0" }
        }
    """
    if module.model not in ("nvdimm", "virtio-pmem"):
        return
    here = ("memory-device", module.label)
    if not module.path:
        yield Finding(here, f"a module of model {module.model} needs the path of what it keeps its data in")
    if module.discard:
        yield Finding((*here, "discard"), f"a module of model {module.model} keeps its data, and cannot discard it")
    if module.model == "virtio-pmem" and module.access == "private":
        yield Finding((*here, "access"), "a virtio-pmem module is shared", instead="shared")

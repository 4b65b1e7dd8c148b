"""Memory devices by themselves: DIMM, NVDIMM, virtio-mem, virtio-pmem."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.check.queries.addresses import kinds_of_address
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.memory_device import MemoryDevice
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_pseries, is_qemu
from vmspec.model.value import show_quantity


@rule(4225, "memory-module-virtio-mem-block", phase=Phase.DEFINE, needs="block requested")
def virtio_mem_block(module: MemoryDevice) -> Iterator[Finding]:
    """
    What: The block of virtio-mem is not a power of two from 2 MiB, or `requested` is above the size or no multiple of it.
    Why: libvirt 9.0.0 refuses these at define (virDomainMemoryDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: block size must be a power of two.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = virtio-mem; size = 1GiB; node = 0; block = 3MiB; requested = 0B }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = virtio-mem; size = 1GiB; node = 0; block = 2MiB; requested = 0B }
        }
    """
    if module.model != "virtio-mem" or not module.block:
        return
    here = ("memory-device", module.label)
    if module.block & (module.block - 1) or module.block < 2 << 20:
        yield Finding((*here, "block"), f"block {show_quantity(module.block)} is no power of two from 2MiB", instead="2MiB")
    elif module.requested and module.requested % module.block:
        yield Finding(
            (*here, "requested"), f"requested {show_quantity(module.requested)} is no multiple of block {show_quantity(module.block)}"
        )
    if module.requested and module.size and module.requested > module.size:
        yield Finding((*here, "requested"), f"requested {show_quantity(module.requested)} is above size {show_quantity(module.size)}")


@rule(4226, "memory-module-persistent-path", phase=Phase.DEFINE, needs="model")
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


@rule(4227, "memory-module-nvdimm-label", phase=Phase.DEFINE, needs="label_size")
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


@rule(4200, "memory-module-uuid", phase=Phase.DEFINE, needs="uuid")
def module_uuid(module: MemoryDevice, vm: Domain) -> Iterator[Finding]:
    """
    What: A memory module has a `uuid`, and is no nvdimm of a pSeries guest.
    Why: Only that machine shows it to the guest; libvirt 9.0.0 refuses it elsewhere at define (qemuDomainDefValidateMemoryHotplugDevice
    and virDomainMemoryDefValidate, src/qemu/qemu_domain.c, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: UUID is not supported for NVDIMM device.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = nvdimm; size = 1GiB; node = 0; path = "/dev/dax0.0"; uuid = 6dd3e4a5-1d76-44ce-961f-f119f5aad935 }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = nvdimm; size = 1GiB; node = 0; path = "/dev/dax0.0" }
        }
    """
    if module.uuid is not None and module.model == "nvdimm" and is_qemu(vm) and not is_pseries(vm):
        yield Finding(("memory-device", module.label, "uuid"), f"{describe(vm)} shows no UUID of a memory module")


@rule(4228, "memory-module-address-kind", phase=Phase.ACCEPTED, needs="address")
def address_kind(module: MemoryDevice) -> Iterator[Finding]:
    """
    What: A dimm or nvdimm has another address than a slot, virtio-mem and virtio-pmem another than PCI, or sgx-epc any.
    Why: Modules plug into slots and virtio memory into PCI (qemuDomainDefValidateMemoryHotplugDevice, src/qemu/qemu_domain.c 9.0.0);
    libvirt takes another address for none.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 0; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 0; address = dimm(0) }
        }
    """
    if module.address is None or module.model is None:
        return
    kinds = kinds_of_address(module)
    if kinds is not None and module.address.tag not in kinds:
        kind = kinds[0] if kinds else None
        yield Finding(
            ("memory-device", module.label, "address"),
            f"a module of model {module.model} has {f'{with_article(kind)}' if kind else 'no'} address, not {module.address.tag}",
        )

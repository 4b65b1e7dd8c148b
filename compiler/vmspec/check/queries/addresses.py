"""Which kinds of address a device can have, where its own kind decides it.

Sources: libvirt 9.0.0 src/qemu/qemu_validate.c, src/qemu/qemu_domain_address.c, src/conf/domain_postparse.c; each kind tried with the
addresses `unassigned`, `ccw` and `pci` on libvirt 9.0.0 with QEMU 7.2.
"""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.check.queries.disks import bus
from vmspec.model.devices.device import Device
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.hostdev import Hostdev, MdevHostdev
from vmspec.model.devices.input import Input
from vmspec.model.devices.iommu import Iommu
from vmspec.model.devices.memory_device import MemoryDevice
from vmspec.model.devices.panic import Panic
from vmspec.model.devices.redirdev import Redirdev
from vmspec.model.devices.shmem import Shmem
from vmspec.model.devices.smartcard import Smartcard
from vmspec.model.devices.watchdog import Watchdog

Tags = tuple[str, ...]


def misfit(device: Device) -> bool:
    """Whether it has an address of a kind that it cannot have."""
    fitting = kinds_of_address(device)
    return fitting is not None and device.address is not None and device.address.tag not in fitting


def kinds_of_address(device: Device) -> Tags | None:
    """By their names in the language; None where the kind of device leaves it open."""
    match device:
        case Disk():
            fitting = _BY_BUS.get(bus(device))
            return (*fitting, "unassigned") if fitting is not None else None  # a rule of its own speaks of what is unassigned
        case Hostdev():
            source = device.source
            if isinstance(source, MdevHostdev):
                return _BY_MDEV.get(str(source.model))
            return _BY_SOURCE.get(source.tag) if source is not None else None
        case MemoryDevice():
            return _BY_MODULE.get(str(device.model), ()) if device.model is not None else None
        case Input():
            return ("usb",) if device.bus == "usb" else None
        case Redirdev():
            return ("usb",) if device.bus in (None, "usb") else None
        case Smartcard():
            return ("ccid",)
        case Shmem():
            return ("pci",)
        case Watchdog():
            return {"i6300esb": ("pci",), "ib700": (), "diag288": ()}.get(str(device.model))
        case Panic():
            return {"isa": ("isa",), "pseries": (), "s390": (), "hyperv": ()}.get(str(device.model or "isa"))
        case Iommu():
            return ("pci",) if device.model == "virtio" else ()
        case _:
            return None


_BY_BUS: Mapping[str, Tags] = {
    "ide": ("drive",), "scsi": ("drive",), "sata": ("drive",), "fdc": ("drive",), "usb": ("usb",),
    "virtio": ("pci", "ccw", "virtio-mmio", "virtio-s390"),
}  # fmt: skip
_BY_SOURCE: Mapping[str, Tags] = {
    "pci": ("pci", "unassigned"), "scsi": ("drive",), "iscsi": ("drive",), "usb": ("usb",), "scsi-host": ("pci", "ccw"),
}  # fmt: skip
_BY_MDEV: Mapping[str, Tags] = {"vfio-pci": ("pci",), "vfio-ccw": ("ccw",)}
_BY_MODULE: Mapping[str, Tags] = {"dimm": ("dimm",), "nvdimm": ("dimm",), "virtio-mem": ("pci",), "virtio-pmem": ("pci",)}

"""Options that a vhost-user disk cannot have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import VhostUserSource

_OPTIONS = (
    "cache", "error_policy", "rerror_policy", "io", "ioeventfd", "copy_on_read", "discard", "iothread", "detect_zeroes", "metadata_cache",
    "iotune", "backing_store", "readonly", "shareable", "transient", "serial", "wwn", "vendor", "product", "geometry", "blockio",
)  # fmt: skip


@rule(4330, "disk-vhostuser-options", phase=Phase.DEFINE)
def vhostuser_options(disk: Disk) -> Iterator[Finding]:
    """
    What: A vhost-user disk has an option of QEMU's block layer, or is not on bus virtio.
    Why: Another process serves the disk and QEMU sees none of its requests; libvirt 9.0.0 refuses these options at define
    (virDomainDiskVhostUserValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: cache is not supported with vhostuser disk.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; access = shared; source = memfd }
          disk vda { source = vhostuser("/run/a.sock"); cache = none }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; access = shared; source = memfd }
          disk vda { source = vhostuser("/run/a.sock") }
        }
    """
    if not isinstance(disk.source, VhostUserSource):
        return
    if bus(disk) != "virtio":
        yield Finding(("disk", disk.label, "bus"), f"a vhost-user disk is on bus virtio, not {bus(disk)}", instead="virtio")
    for option in _OPTIONS:
        if getattr(disk, option):
            name = option.replace("_", "-")
            yield Finding(("disk", disk.label, name), f"{name} has no effect on a vhost-user disk, and libvirt refuses it")

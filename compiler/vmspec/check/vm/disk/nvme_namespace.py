"""An NVMe namespace 0."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import NvmeSource


@rule(4345, "disk-nvme-namespace", phase=Phase.DEFINE)
def nvme_namespace(disk: Disk) -> Iterator[Finding]:
    """
    What: `namespace` of an NVMe source is 0 or missing.
    Why: NVMe namespaces are counted from 1; libvirt 9.0.0 refuses 0 at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: NVMe namespace can't be zero.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = nvme(0000:01:00.0, namespace = 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = nvme(0000:01:00.0, namespace = 1) }
        }
    """
    if isinstance(disk.source, NvmeSource) and not disk.source.namespace:
        yield Finding(("disk", disk.label, "source"), "NVMe namespaces are counted from 1", help="set namespace = 1")

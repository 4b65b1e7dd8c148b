"""Network storage that this QEMU driver cannot open."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage_net import GlusterSource, NbdSource, NetworkSource, NfsSource, RbdSource, TftpSource


@rule(4346, "disk-network-source-usable", phase=Phase.DEFINE)
def network_source_usable(disk: Disk) -> Iterator[Finding]:
    """
    What: The source uses a protocol that libvirt's QEMU driver refuses (tftp), or nfs with several servers or a port; or it has no name, or
    in rbd and gluster one that is not POOL/IMAGE.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainValidateStorageSource, src/qemu/qemu_domain.c; virDomainDiskSourceNetworkParse,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 'tftp' protocol is not supported with this QEMU binary.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { device = cdrom; bus = sata; source = tftp("a.iso", hosts = ["boot:69"]) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { device = cdrom; bus = sata; source = http("a.iso", hosts = ["boot:80"]) }
        }
    """
    source = disk.source
    if isinstance(source, TftpSource):
        yield Finding(("disk", disk.label, "source"), "libvirt does not open tftp sources", help="use http()")
    elif isinstance(source, NfsSource) and (len(source.hosts) != 1 or source.hosts[0].rpartition(":")[2].isdigit()):
        yield Finding(("disk", disk.label, "source"), "nfs() needs exactly one server, without a port")
    elif isinstance(source, NetworkSource) and source.name is None and not isinstance(source, NbdSource):
        yield Finding(("disk", disk.label, "source"), f"{source.tag}() needs the name of the image")
    elif isinstance(source, (RbdSource, GlusterSource)) and str(source.name).find("/") < 1:
        yield Finding(("disk", disk.label, "source"), f"{source.name} is not POOL/IMAGE")

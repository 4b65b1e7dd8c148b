"""What a disk reads: files, block devices, volumes, network storage."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.provenance import Path
from vmspec.check.queries.disks import bus, is_empty, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import BlockSource, FileSource, NvmeSource, VhostUserSource, VolumeSource
from vmspec.model.devices.storage_net import (
    GlusterSource,
    Hosts,
    NbdSource,
    NetworkSource,
    NfsSource,
    RbdSource,
    SheepdogSource,
    TftpSource,
)
from vmspec.model.devices.storage_parts import Startup
from vmspec.model.domain import Domain


@rule(4302, "disk-file-source-is-device", phase=Phase.START, needs="source")
def file_source_is_device(disk: Disk) -> Iterator[Finding]:
    """
    What: `file()` names something below /dev.
    Why: libvirt passes a `type='file'` disk to QEMU's file driver, which refuses block devices at start: "requires 'host_device'" (observed
    with libvirt 9.0.0 and QEMU 7.2; define accepts it).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/dev/vg0/a", format = raw) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a") } }
    """
    source = disk.source
    if isinstance(source, FileSource) and source.path and source.path.startswith("/dev/") and not source.path.startswith("/dev/shm/"):
        yield Finding(
            ("disk", disk.label, "source"),
            f"file({source.path!r}) names a device, which QEMU does not open as a file",
            help=f'write block("{source.path}")',
        )


_SUFFIXES = (".img", ".qcow2", ".qcow", ".raw", ".vmdk", ".vdi", ".vhd", ".vhdx", ".iso", ".qed")


@rule(4303, "disk-block-source-is-image", phase=Phase.START, needs="source")
def block_source_is_image(disk: Disk) -> Iterator[Finding]:
    """
    What: `block()` names an image file.
    Why: libvirt passes a `type='block'` disk to QEMU's host_device driver, which refuses regular files at start (docs/formatdomain.rst
    9.0.0, "Hard drives, floppy disks, CDROMs"); define accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: 'host_device' driver requires … to be either a character or
    block device.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/var/lib/libvirt/images/a.img") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/var/lib/libvirt/images/a.img", format = raw) } }
    """
    source = disk.source
    if isinstance(source, BlockSource) and source.path and source.path.lower().endswith(_SUFFIXES) and not source.path.startswith("/dev/"):
        yield Finding(
            ("disk", disk.label, "source"),
            f"block({source.path!r}) names an image file, which QEMU does not open as a device",
            help=f'write file("{source.path}")',
        )


@rule(4316, "disk-source-missing", phase=Phase.DEFINE)
def source_missing(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk has no source; only CD-ROM and floppy drives (and luns) may be empty.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: missing source information for device vda.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { bus = virtio } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { bus = virtio; source = block("/dev/vg0/a") } }
    """
    unread = [part for part in disk.raw.values() if part.strip() != "<source/>"]
    if disk.device in (None, "disk") and is_empty(disk.source) and not unread:
        yield Finding(
            ("disk", disk.label),
            f"disk {target(disk)} has no source",
            help='write source = block("/dev/…"), file("/….qcow2", format = qcow2) or volume("pool", "name")',
        )


@rule(4329, "disk-transient-source", phase=Phase.DEFINE, needs="transient")
def transient_source(disk: Disk) -> Iterator[Finding]:
    """
    What: A transient disk is not a writable image file with `device = disk`.
    Why: libvirt lays an overlay file over the image and removes it at the end; libvirt 9.0.0 refuses others at define
    (qemuValidateDomainDeviceDefDiskTransient, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: transient disk supported only with 'file' type (vda).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); transient = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/srv/a.qcow2", format = qcow2); transient = true } }
    """
    if not disk.transient:
        return
    here = ("disk", disk.label, "transient")
    if disk.source is not None and not isinstance(disk.source, (FileSource, VolumeSource)):
        yield Finding(here, f"a transient disk needs an image file, not {disk.source.tag}()")
    elif disk.device not in (None, "disk"):
        yield Finding(here, f"{with_article(disk.device)} cannot be transient")
    elif disk.readonly:
        yield Finding(here, "a read-only disk cannot be transient")


@rule(4371, "disk-share-backing", phase=Phase.ACCEPTED, needs="share_backing")
def share_backing(disk: Disk) -> Iterator[Finding]:
    """
    What: `share-backing` on a disk that does not say `transient = true`.
    Why: In libvirt's XML it is an attribute of `<transient>`, which alone makes the disk one (virDomainDiskTransientDefParse,
    src/conf/domain_conf.c 9.0.0): what the guest writes would be gone when it stops.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/srv/a.qcow2", format = qcow2); share-backing = false } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/srv/a.qcow2"); share-backing = false; transient = true } }
    """
    if disk.share_backing is not None and not disk.transient:
        said = f"share-backing is of a transient disk, and would make {disk.label} one: what the guest writes is dropped"
        yield Finding(("disk", disk.label, "share-backing"), said, help="set transient = true, or leave share-backing out")


_OPTIONS = (
    "cache", "error_policy", "rerror_policy", "io", "ioeventfd", "copy_on_read", "discard", "iothread", "detect_zeroes", "metadata_cache",
    "iotune", "backing_store", "readonly", "shareable", "transient", "serial", "wwn", "vendor", "product", "geometry", "blockio",
)  # fmt: skip


@rule(4330, "disk-vhostuser-options", phase=Phase.DEFINE, needs="source")
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
        vm a { cpu.count = 2; memory { size = 1GiB; access = shared; source = memfd }; disk vda { source = vhostuser("/run/a.sock") } }
    """
    if not isinstance(disk.source, VhostUserSource):
        return
    if bus(disk) != "virtio":
        yield Finding(("disk", disk.label, "bus"), f"a vhost-user disk is on bus virtio, not {bus(disk)}", instead="virtio")
    for option in _OPTIONS:
        if getattr(disk, option):
            name = option.replace("_", "-")
            yield Finding(("disk", disk.label, name), f"{name} has no effect on a vhost-user disk, and libvirt refuses it")


@rule(4333, "disk-startup-policy", phase=Phase.DEFINE, needs="source")
def startup_policy(disk: Disk) -> Iterator[Finding]:
    """
    What: `startup-policy` is set on network storage, or `requisite` on something else than a CD-ROM or floppy.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidateStartupPolicy, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: disk startupPolicy 'requisite' is allowed only for cdrom or floppy.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/srv/a.img", format = raw, startup-policy = requisite) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/srv/a.img", format = raw, startup-policy = mandatory) } }
    """
    policy = disk.source.startup_policy if isinstance(disk.source, Startup) else None
    if policy == "requisite" and disk.device not in ("cdrom", "floppy"):
        yield Finding(
            ("disk", disk.label, "source", "startup-policy"),
            "startup-policy = requisite is for CD-ROM and floppy drives",
            instead="mandatory",
        )


@rule(4345, "disk-nvme-namespace", phase=Phase.DEFINE, needs="source")
def nvme_namespace(disk: Disk) -> Iterator[Finding]:
    """
    What: `namespace` of an NVMe source is 0 or missing.
    Why: NVMe namespaces are counted from 1; libvirt 9.0.0 refuses 0 at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: NVMe namespace can't be zero.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = nvme(0000:01:00.0, namespace = 0) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = nvme(0000:01:00.0, namespace = 1) } }
    """
    if isinstance(disk.source, NvmeSource) and not disk.source.namespace:
        yield Finding(("disk", disk.label, "source"), "NVMe namespaces are counted from 1", help="set namespace = 1")


@rule(4346, "disk-network-source-usable", phase=Phase.DEFINE, needs="source")
def network_source_usable(disk: Disk) -> Iterator[Finding]:
    """
    What: The source uses a protocol that libvirt's QEMU driver refuses (tftp), or nfs with several servers or a port; or it has no name, or
    in rbd and gluster one that is not POOL/IMAGE.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainValidateStorageSource, src/qemu/qemu_domain.c; virDomainDiskSourceNetworkParse,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 'tftp' protocol is not supported with this QEMU binary.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { device = cdrom; bus = sata; source = tftp("a.iso", hosts = ["boot:69"]) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { device = cdrom; bus = sata; source = http("a.iso", hosts = ["boot:80"]) } }
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


@rule(4365, "disk-volume-incomplete", phase=Phase.DEFINE, needs="source")
def volume_incomplete(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk is on a volume of libvirt, and only one of pool and volume is said. One name without quotes is a volume of the program,
    which knows its pool; one in quotes is a pool.
    Why: libvirt finds a volume by both (virDomainStorageSourceParse, src/conf/domain_conf.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: 'pool' and 'volume' must be specified together for 'pool' type source.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = volume("a.qcow2") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = volume("default", "a.qcow2") } }
    """
    source = disk.source
    if not isinstance(source, VolumeSource) or source.raw or bool(source.pool) == bool(source.volume):
        return
    name, what = (source.pool, "volume") if source.pool else (source.volume, "pool")
    yield Finding(
        ("disk", disk.label, "source"),
        f"disk {disk.label} has no {what}: `{name}` is read as the {'pool' if what == 'volume' else 'volume'}",
        help=f'write volume("POOL", "{name}"), or volume(NAME) of a volume that the program declares',
    )


@rule(4368, "disk-server-missing", phase=Phase.START, needs="source backing_store")
def server_missing(disk: Disk, vm: Domain) -> Iterator[Finding]:
    """
    What: A disk on the network, or what lies below it, does not say on which server: nbd, iscsi, http, gluster and others without `hosts`.
    Only rbd takes its monitors from Ceph's own configuration.
    Why: libvirt's schema wants a host (domaincommon.rng 9.0.0, diskSourceNetworkProtocol…); without it define passes unless it is asked
    to validate, and the disk cannot be opened.
    Observed: libvirt 9.0.0, QEMU 7.2: define takes nbd() without a host, define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = nbd("export") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = nbd("export", hosts = ["store:10809"]) } }
    """
    if vm.resolve is None and vm.origin is None:
        return  # libvirt's own XML: its schema says it
    path: Path = ("disk", disk.label)
    source = disk.source
    below = disk.backing_store
    while True:
        if isinstance(source, Hosts) and not source.hosts and not isinstance(source, (NfsSource, TftpSource)):
            call = getattr(source, "tag", "")
            yield Finding((*path, "source"), f"{call}() does not say its server", help=f'write {call}("…", hosts = ["server:port"])')
        if below is None:
            return
        path, source, below = (*path, "backing-store"), below.source, below.backing_store


@rule(4300, "disk-sheepdog", phase=Phase.START, needs="source")
def sheepdog(disk: Disk) -> Iterator[Finding]:
    """
    What: The data of a disk lie in Sheepdog.
    Why: QEMU 6.1 removed its driver (docs/about/removed-features.rst), so that the guest does not start; libvirt 11.3.0 refuses it at
    define (virDomainDiskDefValidateSource, src/conf/domain_validate.c).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = sheepdog("a", hosts = ["s1:7000"]) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = rbd("pool/a", monitors = ["s1:6789"], format = raw) } }
    """
    if isinstance(disk.source, SheepdogSource):
        yield Finding(("disk", disk.label, "source"), "no supported QEMU reads Sheepdog", refused="11.3.0")

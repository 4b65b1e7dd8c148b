"""The format of an image, and what only some formats can do."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import image_format, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import DirSource, FileSource, VolumeSource
from vmspec.model.devices.storage_net import NetworkSource
from vmspec.model.devices.storage_parts import Encrypted

_FORMATS = {".qcow2": "qcow2", ".qcow": "qcow", ".vmdk": "vmdk", ".vdi": "vdi", ".qed": "qed", ".raw": "raw", ".iso": "raw"}


@rule(4304, "disk-format-differs-from-name", phase=Phase.ACCEPTED, needs="source")
def format_differs_from_name(disk: Disk) -> Iterator[Finding]:
    """
    What: The declared format is not the one that the file's name says.
    Why: QEMU believes the declaration. qcow2 declared as raw starts, and the guest sees the bytes of the qcow2 header as its disk and
    overwrites them; raw declared as qcow2 does not start (observed with libvirt 9.0.0 and QEMU 7.2).
    Observed: libvirt 9.0.0, QEMU 7.2: qcow2 declared raw is defined and started; raw declared qcow2 is defined and does not start: Image is
    not in qcow2 format.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/srv/a.qcow2", format = raw) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/srv/a.qcow2", format = qcow2) } }
    """
    source = disk.source
    if not isinstance(source, FileSource) or not source.path or not source.format:
        return
    said = _FORMATS.get(source.path[source.path.rfind(".") :].lower()) if "." in source.path else None
    if said is not None and said != source.format and source.format in _FORMATS.values():
        yield Finding(
            ("disk", disk.label, "source", "format"),
            f"{source.path} is declared {source.format}, and its name says {said}",
            help="QEMU believes the declaration: a wrong one destroys the image or hides it",
            instead=said,
        )


_NOT_RAW = (".qcow2", ".qcow", ".vmdk", ".vdi", ".qed", ".vhd", ".vhdx")


@rule(4305, "disk-format-missing", phase=Phase.ACCEPTED, needs="source")
def format_missing(disk: Disk) -> Iterator[Finding]:
    """
    What: An image file has no `format`.
    Why: libvirt does not look: a disk without a format is raw (virDomainDiskDefDriverSourceParseXML and qemuDomainDeviceDiskDefPostParse,
    libvirt 9.0.0), and a qcow2 image read as raw is overwritten by its guest.
    Example:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 2
          disk vda { source = file("/srv/a.qcow2"); target = vda; bus = virtio }
        }
    Instead:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2); target = vda; bus = virtio }
        }
    """
    source = disk.source
    if isinstance(source, FileSource) and source.path and not source.format and source.path.lower().endswith(_NOT_RAW):
        yield Finding(
            ("disk", disk.label, "source"),
            f"{source.path} has no format, so libvirt gives it to the guest as raw",
            help=f'write file("{source.path}", format = {source.path.rpartition(".")[2].lower()})',
        )


@rule(4318, "disk-shareable-format", phase=Phase.DEFINE, needs="shareable")
def shareable_format(disk: Disk) -> Iterator[Finding]:
    """
    What: A shareable, writable disk is not raw.
    Why: Two QEMUs that write one qcow2 image destroy it; libvirt 9.0.0 refuses it at define
    (qemuBlockStorageSourceSupportsConcurrentAccess, src/qemu/qemu_block.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: shared access for disk 'vda' requires use of supported
    storage format.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2); shareable = true; cache = none }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = file("/srv/a.img", format = raw); shareable = true; cache = none }
        }
    """
    if disk.shareable and not disk.readonly and disk.device != "cdrom":
        kind = image_format(disk)
        if kind not in (None, "raw"):
            yield Finding(
                ("disk", disk.label, "shareable"),
                f"{target(disk)} is {kind}, which only one guest may write",
                help="use a raw image or a block device",
            )


@rule(4327, "disk-metadata-cache-format", phase=Phase.DEFINE, needs="metadata_cache")
def metadata_cache_format(disk: Disk) -> Iterator[Finding]:
    """
    What: `metadata-cache` is set on an image that is not qcow2.
    Why: Only qcow2 has such tables; libvirt 9.0.0 refuses it at define (qemuDomainValidateStorageSource, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: metadata cache max size control is supported only with
    qcow2 images.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/srv/a.img", format = raw); metadata-cache = 4MiB } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/srv/a.qcow2", format = qcow2); metadata-cache = 4MiB } }
    """
    if disk.metadata_cache and image_format(disk) != "qcow2":
        yield Finding(
            ("disk", disk.label, "metadata-cache"),
            f"metadata-cache is for qcow2 images, and {target(disk)} is {image_format(disk) or 'raw'}",
        )


@rule(4343, "disk-format-unsupported", phase=Phase.DEFINE, needs="source")
def format_unsupported(disk: Disk) -> Iterator[Finding]:
    """
    What: The format is one that libvirt knows and QEMU does not open as a disk: cow, dir, iso, or fat outside `dir()`.
    Why: libvirt 9.0.0 refuses them at define (qemuDomainValidateStorageSource, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: storage format 'iso' is not directly supported by QEMU,
    use 'raw' instead.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { device = cdrom; bus = sata; source = file("/srv/a.iso", format = iso) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { device = cdrom; bus = sata; source = file("/srv/a.iso", format = raw) } }
    """
    kind = image_format(disk)
    here = ("disk", disk.label, "source", "format")
    if kind in ("cow", "dir", "iso"):
        yield Finding(here, f"QEMU does not open format {kind}", instead="raw" if kind == "iso" else None)
    elif kind == "fat" and not isinstance(disk.source, (DirSource, VolumeSource)):
        yield Finding(here, "format = fat is for dir() sources")
    elif isinstance(disk.source, DirSource) and kind not in (None, "fat"):
        yield Finding(here, f"a directory is shown as a FAT disk, not {kind}", instead="fat")
    elif isinstance(disk.source, DirSource) and not disk.readonly and disk.device not in ("cdrom",):
        yield Finding(("disk", disk.label, "source"), "a directory shown as a FAT disk must be read-only", help="set readonly = true")


@rule(4344, "disk-encryption-format", phase=Phase.DEFINE, needs="source")
def encryption_format(disk: Disk) -> Iterator[Finding]:
    """
    What: The encryption is the old one of qcow, has luks2 or a cipher of its own, or lies on an image that is neither raw nor qcow2.
    Why: libvirt 9.0.0 refuses them at define (qemuDomainValidateStorageSource, src/qemu/qemu_domain.c;
    virDomainDiskDefValidateSourceChainOne, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: old qcow/qcow2 encryption is not supported.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2, encryption = { format = qcow }) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2, encryption = { format = luks }) }
        }
    """
    inner = disk.source.encryption if isinstance(disk.source, Encrypted) else None
    secured = inner or disk.encryption
    if secured is None:
        return
    here = ("disk", disk.label, "source", "encryption") if inner else ("disk", disk.label, "encryption")
    if secured.format in ("default", "qcow"):
        yield Finding((*here, "format"), f"encryption format {secured.format} is no longer supported", instead="luks")
    elif secured.format in ("luks2", "luks-any") and secured.engine in (None, "qemu"):
        yield Finding(
            (*here, "format"), f"QEMU itself does not decrypt {secured.format}", help="use luks, or engine = librbd for rbd images"
        )
    if secured.format == "luks" and secured.cipher is not None:
        yield Finding((*here, "cipher"), "a LUKS image says its own cipher")
    # libvirt lets other network disks pass by mistake: it asks for the type *and* the protocol to be another one.
    if secured.engine == "librbd" and not isinstance(disk.source, NetworkSource):
        yield Finding((*here, "engine"), f"engine = librbd is for rbd images, not {disk.source.tag if disk.source else 'none'}()")
    elif secured.engine != "librbd" and image_format(disk) not in (None, "raw", "qcow2"):
        yield Finding(here, f"QEMU decrypts raw and qcow2 images, not {image_format(disk)}")

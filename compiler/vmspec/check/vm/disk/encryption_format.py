"""An encryption that QEMU does not do."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import image_format
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage_net import NetworkSource
from vmspec.model.devices.storage_parts import Encrypted


@rule(4344, "disk-encryption-format", phase=Phase.DEFINE)
def encryption_format(disk: Disk) -> Iterator[Finding]:
    """
    What: The encryption is the old one of qcow, has luks2 or a cipher of its own, or lies on an image that is neither raw nor qcow2.
    Why: libvirt 9.0.0 refuses them at define (qemuDomainValidateStorageSource, src/qemu/qemu_domain.c;
    virDomainDiskDefValidateSourceChainOne, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: old qcow/qcow2 encryption is not supported.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2, encryption = { format = qcow }) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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

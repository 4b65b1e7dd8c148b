"""What only some buses can do."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.queries.disks import bus, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4309, "disk-wwn-bus", phase=Phase.DEFINE, needs="wwn")
def wwn_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `wwn` is set on a disk that is not on bus ide or scsi.
    Why: Only ide and scsi disks report one; libvirt 9.0.0 refuses it elsewhere at define (qemuValidateDomainDeviceDefDiskFrontend,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Only ide and scsi disk support wwn.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); wwn = "5000c50015ea71ac" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); serial = "A-1" } }
    """
    if disk.wwn and bus(disk) not in ("ide", "scsi"):
        yield Finding(("disk", disk.label, "wwn"), f"a disk on bus {bus(disk)} has no world wide name", help="use bus = scsi, or serial")
    elif disk.wwn and disk.device == "lun":
        yield Finding(("disk", disk.label, "wwn"), "a lun shows the world wide name of the device itself", help="remove wwn")


@rule(4310, "disk-vendor-product-bus", phase=Phase.DEFINE, needs="vendor product")
def vendor_product_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `vendor` or `product` is set on a disk that is not a SCSI disk.
    Why: They are fields of SCSI's INQUIRY; libvirt 9.0.0 refuses them elsewhere, and on luns, at define
    (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Only scsi disk supports vendor and product.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); vendor = "ACME" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a") } }
    """
    for name, text in (("vendor", disk.vendor), ("product", disk.product)):
        if text and (bus(disk) != "scsi" or disk.device == "lun"):
            yield Finding(
                ("disk", disk.label, name),
                f"only a SCSI disk has a {name}, and {target(disk)} is {with_article(disk.device or 'disk')} on bus {bus(disk)}",
                until="11.1.0" if name == "product" and bus(disk) in ("ide", "sata") and disk.device != "lun" else "",
            )


@rule(4311, "disk-product-length", phase=Phase.DEFINE, needs="product")
def product_length(disk: Disk) -> Iterator[Finding]:
    """
    What: `product` of a SCSI disk has more than 16 characters.
    Why: SCSI's INQUIRY has 16 bytes for it; libvirt 9.0.0 refuses more at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = scsi; product = "Very Fast Storage" }
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = scsi; product = "Fast Storage" }
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
        }
    """
    if disk.product and len(disk.product) > 16 and bus(disk) == "scsi":
        yield Finding(
            ("disk", disk.label, "product"),
            f"product {disk.product!r} has more than the 16 characters that SCSI has room for",
            instead=disk.product[:16],
        )


_OPTIONS = ("queues", "event_idx", "ioeventfd", "iommu", "ats", "packed", "page_per_vq")


@rule(4312, "disk-virtio-options-bus", phase=Phase.DEFINE, needs="queues event_idx ioeventfd iommu ats packed page_per_vq")
def virtio_options_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `queues`, `event-idx`, `ioeventfd`, `iommu`, `ats`, `packed` or `page-per-vq` is set on a disk that is not on bus virtio.
    Why: They are properties of virtio-blk; libvirt 9.0.0 refuses them elsewhere at define (virDomainDiskDefValidate,
    src/conf/domain_validate.c). For SCSI disks `queues` belongs to the controller.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: queues attribute in disk driver element is only
    supported by virtio-blk.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sata; queues = 2 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); bus = virtio; queues = 2 } }
    """
    if bus(disk) == "virtio":
        return
    for option in _OPTIONS:
        if getattr(disk, option) not in (None, 0):
            name = option.replace("_", "-")
            yield Finding(
                ("disk", disk.label, name),
                f"{name} is an option of virtio disks, and {target(disk)} is on bus {bus(disk)}",
                help="set it on the virtio-scsi controller"
                if bus(disk) == "scsi" and option in ("queues", "ioeventfd")
                else "use bus = virtio, or remove it",
            )


@rule(4313, "disk-iothread-bus", phase=Phase.DEFINE, needs="iothread")
def iothread_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `iothread` is set on a disk that is not on bus virtio.
    Why: Only virtio-blk runs in an iothread of its own; SCSI disks take the one of their controller. libvirt 9.0.0 refuses the rest at
    define (qemuValidateDomainDeviceDefDiskIOThreads, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: IOThreads not available for bus sata target sda.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; iothread 1 { }; disk sda { source = block("/dev/vg0/a"); bus = sata; iothread = 1 } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          iothread 1 { }
          disk vda { source = block("/dev/vg0/a"); bus = virtio; iothread = 1 }
        }
    """
    if disk.iothread and bus(disk) != "virtio":
        where = "set iothread on its virtio-scsi controller" if bus(disk) == "scsi" else "use bus = virtio"
        yield Finding(("disk", disk.label, "iothread"), f"{target(disk)} on bus {bus(disk)} cannot have an iothread of its own", help=where)


@rule(4314, "disk-queue-size-power-of-two", phase=Phase.START, needs="queue_size")
def queue_size_power_of_two(disk: Disk) -> Iterator[Finding]:
    """
    What: `queue-size` of a disk is not a power of two, or above 1024.
    Why: QEMU refuses it at start: virtio queues are powers of two up to 1024 (VIRTQUEUE_MAX_SIZE, hw/virtio/virtio-blk.c of QEMU 7.2);
    libvirt 9.0.0 does not look.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: invalid queue-size property (1000), must be a power of 2 (max
    1024).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); queue-size = 1000 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); queue-size = 512 } }
    """
    size = disk.queue_size
    if size and (size & (size - 1) or size > 1024 or size < 2):
        nearest = min(1024, 1 << (size.bit_length() - 1)) if size > 2 else 2
        yield Finding(("disk", disk.label, "queue-size"), f"queue-size {size} is not a power of two from 2 to 1024", instead=str(nearest))


@rule(4317, "disk-readonly-bus", phase=Phase.DEFINE, needs="readonly")
def readonly_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk (not a CD-ROM) on bus ide or sata is read-only.
    Why: ATA disks have no write protection that QEMU could show; libvirt 9.0.0 refuses it at define
    (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: readonly sata disks are not supported.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sata; readonly = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); bus = virtio; readonly = true } }
    """
    if disk.readonly and disk.device in (None, "disk") and bus(disk) in ("ide", "sata"):
        yield Finding(
            ("disk", disk.label, "readonly"), f"a {bus(disk)} disk cannot be read-only", help="use bus = virtio or scsi, or device = cdrom"
        )


@rule(4337, "disk-geometry-bus", phase=Phase.DEFINE, needs="geometry")
def geometry_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: A geometry is set on bus usb or sd, or its translation elsewhere than on ide.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: CHS geometry can not be set for 'usb' bus.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = usb; geometry { cyls = 1024; heads = 16; secs = 63 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); bus = virtio; geometry { cyls = 1024; heads = 16; secs = 63 } }
        }
    """
    shape = disk.geometry
    if shape is None or not (shape.cyls and shape.heads and shape.secs):
        return
    if bus(disk) in ("usb", "sd"):
        yield Finding(("disk", disk.label, "geometry"), f"a disk on bus {bus(disk)} has no CHS geometry")
    elif shape.trans is not None and bus(disk) != "ide":
        yield Finding(
            ("disk", disk.label, "geometry", "trans"), f"CHS translation is for ide disks, and {target(disk)} is on bus {bus(disk)}"
        )


@rule(4338, "disk-serial-bus", phase=Phase.DEFINE, needs="serial")
def serial_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk on bus sd has a serial number.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Serial property not supported for drive bus 'sd'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sd; serial = "A-1" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sata; serial = "A-1" } }
    """
    if disk.serial and bus(disk) == "sd":
        yield Finding(("disk", disk.label, "serial"), "a disk on bus sd has no serial number")


@rule(4339, "disk-serial-length", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="serial")
def serial_length(disk: Disk) -> Iterator[Finding]:
    """
    What: The serial number of a virtio disk has more than 20 characters.
    Why: virtio-blk has 20 bytes for it (VIRTIO_BLK_ID_BYTES, Linux include/uapi/linux/virtio_blk.h); QEMU cuts the rest, so two long ones
    may look alike below /dev/disk/by-id.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); serial = "database-primary-volume-0001" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); serial = "db-primary-0001" } }
    """
    if disk.serial and len(disk.serial) > 20 and bus(disk) == "virtio":
        yield Finding(("disk", disk.label, "serial"), f"the guest sees only {disk.serial[:20]!r} of serial number {disk.serial!r}")


@rule(4340, "disk-driver-name", phase=Phase.DEFINE, needs="driver")
def driver_name(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk's driver name is not `qemu`.
    Why: libvirt 9.0.0 refuses others with the QEMU driver at define (qemuValidateDomainDeviceDefDisk, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unsupported driver name 'tap' for disk 'vda'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); driver = tap } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); driver = qemu } }
    """
    if disk.driver and disk.driver != "qemu":
        yield Finding(("disk", disk.label, "driver"), f"{disk.driver} is no driver of QEMU", instead="qemu")


@rule(4342, "disk-virtio-model-bus", phase=Phase.DEFINE, needs="model")
def virtio_model_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `model` of a disk is a virtio model and its bus is not virtio.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: disk model 'virtio-non-transitional' not supported for
    bus 'sata'.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; model = virtio-non-transitional }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); bus = virtio; model = virtio-non-transitional }
        }
    """
    if disk.model and bus(disk) != "virtio":
        yield Finding(("disk", disk.label, "model"), f"model {disk.model} needs bus = virtio, not {bus(disk)}")

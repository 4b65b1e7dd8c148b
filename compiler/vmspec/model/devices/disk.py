"""A disk, CD-ROM or floppy of the guest."""

from vmspec.model.block import Annotated, Attr, Block, Choice, Many, Sub
from vmspec.model.devices.device import Boot, Device, Virtio
from vmspec.model.devices.kinds import BYTES, BYTES_PER_SECOND, COUNT, INT, POSITIVE, SECONDS, WWN
from vmspec.model.devices.storage import BackingStore, DiskSource, Mirror
from vmspec.model.devices.storage_parts import Auth, Encryption
from vmspec.model.kind import NAME, ON_OFF, PRESENCE, SIZE_BYTES, TEXT, YES_NO, ListOf, OneOf, ReadWords, Words
from vmspec.model.units import NANOSECONDS
from vmspec.model.value import Duration, Rate, Size

VIRTIO_MODELS = ("virtio", "virtio-transitional", "virtio-non-transitional")
TARGET = ReadWords(r"(ioemu:)?(fd|hd|sd|vd|xvd|ubd)[a-zA-Z0-9_]+|nvme[0-9]+n[0-9]+(p[0-9]+)?", "a disk target such as vda", symbol=True)
"""diskTargetDev, src/conf/schemas/domaincommon.rng; the nvme names are of libvirt 11.5."""


class Iotune(Block):
    """Limits on the disk's throughput; each either in total or for reads and writes apart."""

    element = "iotune"

    total_bytes_sec: Annotated[
        Rate | None, Attr("total_bytes_sec", BYTES_PER_SECOND, "Bytes per second, reads and writes together.", since="0.9.8")
    ] = None
    read_bytes_sec: Annotated[Rate | None, Attr("read_bytes_sec", BYTES_PER_SECOND, "Bytes read per second.", since="0.9.8")] = None
    write_bytes_sec: Annotated[Rate | None, Attr("write_bytes_sec", BYTES_PER_SECOND, "Bytes written per second.", since="0.9.8")] = None
    total_iops_sec: Annotated[
        int | None, Attr("total_iops_sec", COUNT, "Requests per second, reads and writes together.", since="0.9.8")
    ] = None
    read_iops_sec: Annotated[int | None, Attr("read_iops_sec", COUNT, "Reads per second.", since="0.9.8")] = None
    write_iops_sec: Annotated[int | None, Attr("write_iops_sec", COUNT, "Writes per second.", since="0.9.8")] = None
    total_bytes_sec_max: Annotated[
        Rate | None, Attr("total_bytes_sec_max", BYTES_PER_SECOND, "Burst of `total-bytes-sec`.", since="1.2.11")
    ] = None
    read_bytes_sec_max: Annotated[
        Rate | None, Attr("read_bytes_sec_max", BYTES_PER_SECOND, "Burst of `read-bytes-sec`.", since="1.2.11")
    ] = None
    write_bytes_sec_max: Annotated[
        Rate | None, Attr("write_bytes_sec_max", BYTES_PER_SECOND, "Burst of `write-bytes-sec`.", since="1.2.11")
    ] = None
    total_iops_sec_max: Annotated[int | None, Attr("total_iops_sec_max", COUNT, "Burst of `total-iops-sec`.", since="1.2.11")] = None
    read_iops_sec_max: Annotated[int | None, Attr("read_iops_sec_max", COUNT, "Burst of `read-iops-sec`.", since="1.2.11")] = None
    write_iops_sec_max: Annotated[int | None, Attr("write_iops_sec_max", COUNT, "Burst of `write-iops-sec`.", since="1.2.11")] = None
    size_iops_sec: Annotated[Size | None, Attr("size_iops_sec", BYTES, "A request larger than this counts as several.", since="1.2.11")] = (
        None
    )
    group_name: Annotated[str | None, Attr("group_name", TEXT, "Disks of one group share these limits.", since="3.0.0")] = None
    total_bytes_sec_max_length: Annotated[
        Duration | None, Attr("total_bytes_sec_max_length", SECONDS, "How long `total-bytes-sec-max` lasts, in seconds.", since="2.4.0")
    ] = None
    read_bytes_sec_max_length: Annotated[
        Duration | None, Attr("read_bytes_sec_max_length", SECONDS, "How long `read-bytes-sec-max` lasts, in seconds.", since="2.4.0")
    ] = None
    write_bytes_sec_max_length: Annotated[
        Duration | None, Attr("write_bytes_sec_max_length", SECONDS, "How long `write-bytes-sec-max` lasts, in seconds.", since="2.4.0")
    ] = None
    total_iops_sec_max_length: Annotated[
        Duration | None, Attr("total_iops_sec_max_length", SECONDS, "How long `total-iops-sec-max` lasts, in seconds.", since="2.4.0")
    ] = None
    read_iops_sec_max_length: Annotated[
        Duration | None, Attr("read_iops_sec_max_length", SECONDS, "How long `read-iops-sec-max` lasts, in seconds.", since="2.4.0")
    ] = None
    write_iops_sec_max_length: Annotated[
        Duration | None, Attr("write_iops_sec_max_length", SECONDS, "How long `write-iops-sec-max` lasts, in seconds.", since="2.4.0")
    ] = None


class Geometry(Block):
    """The geometry that the BIOS reports; only for very old guests."""

    element = "geometry"

    cyls: Annotated[int | None, Attr("@cyls", INT, "Cylinders.", since="0.10.0")] = None
    heads: Annotated[int | None, Attr("@heads", INT, "Heads.", since="0.10.0")] = None
    secs: Annotated[int | None, Attr("@secs", INT, "Sectors per track.", since="0.10.0")] = None
    trans: Annotated[str | None, Attr("@trans", OneOf("auto", "none", "lba"), "Translation by the BIOS.", since="0.10.0")] = None


class Blockio(Block):
    """The block sizes that the guest sees."""

    element = "blockio"

    logical: Annotated[
        Size | None, Attr("@logical_block_size", BYTES, "Smallest unit of a request, in bytes; a power of two.", since="0.10.2")
    ] = None
    physical: Annotated[
        Size | None, Attr("@physical_block_size", BYTES, "Unit that the storage writes at once, in bytes.", since="0.10.2")
    ] = None
    discard_granularity: Annotated[Size | None, Attr("@discard_granularity", BYTES, "Smallest unit that can be discarded, in bytes.")] = (
        None
    )


class IothreadMap(Block):
    """An I/O thread that serves some queues of a virtio disk or controller."""

    element = "driver/iothreads/iothread[@id=$label]"

    queues: Annotated[
        tuple[int, ...], Attr("queue*/@id", ListOf(COUNT), "The queues that it serves; none: libvirt deals them out.", since="10.0.0")
    ] = ()


class LatencyHistogram(Block):
    """How many requests took how long."""

    element = "driver/statistics/latency-histogram"

    type: Annotated[
        str | None, Attr("@type", OneOf("read", "write", "zone", "flush"), "Which requests; none: of each kind.", since="12.1.0")
    ] = None
    bins: Annotated[
        tuple[Duration, ...], Attr("bin*/@start", ListOf(NANOSECONDS), "Where each bin begins, ascending from 0ns.", since="12.1.0")
    ] = ()


class Disk(Virtio, Boot, Device):
    """A disk, CD-ROM or floppy of the guest."""

    element = "devices/disk"

    device: Annotated[
        str | None, Attr("@device", OneOf("disk", "cdrom", "floppy", "lun"), "What the guest takes it for.", default="disk")
    ] = None
    model: Annotated[
        str | None,
        Attr(
            "@model",
            OneOf(*VIRTIO_MODELS, "usb-storage", "usb-bot", since={"usb-storage": "11.5.0", "usb-bot": "11.5.0"}),
            "Model of a virtio or usb disk.",
            since="5.2.0",
        ),
    ] = None
    rawio: Annotated[bool | None, Attr("@rawio", YES_NO, "Whether the guest of a lun may send any SCSI command.", since="0.9.10")] = None
    sgio: Annotated[
        str | None, Attr("@sgio", OneOf("filtered", "unfiltered"), "Whether the kernel filters the commands to a lun.", since="1.0.2")
    ] = None
    snapshot: Annotated[
        str | None, Attr("@snapshot", OneOf("no", "internal", "external", "manual"), "What a snapshot does with this disk.", since="0.9.5")
    ] = None
    driver: Annotated[str | None, Attr("driver/@name", NAME, "Backend; qemu for QEMU.", default="qemu")] = None
    source: Annotated[DiskSource | None, Choice("@type", "Where the data lie: file, block, volume, rbd and others.", absent="file")] = None

    cache: Annotated[
        str | None,
        Attr(
            "driver/@cache",
            OneOf("default", "none", "writeback", "writethrough", "directsync", "unsafe"),
            "The host's page cache: none bypasses it, unsafe also ignores the guest's flushes.",
        ),
    ] = None
    error_policy: Annotated[
        str | None,
        Attr(
            "driver/@error_policy", OneOf("stop", "report", "ignore", "enospace"), "What a failed request does to the guest.", since="0.8.0"
        ),
    ] = None
    rerror_policy: Annotated[
        str | None, Attr("driver/@rerror_policy", OneOf("stop", "report", "ignore"), "The same for reads alone.", since="0.9.7")
    ] = None
    io: Annotated[
        str | None,
        Attr(
            "driver/@io",
            OneOf("threads", "native", "io_uring"),
            "How QEMU submits requests; native needs cache none or directsync.",
            since="0.8.8",
        ),
    ] = None
    ioeventfd: Annotated[
        bool | None, Attr("driver/@ioeventfd", ON_OFF, "Whether requests leave the vCPU's thread at once; best left out.", since="0.9.3")
    ] = None
    event_idx: Annotated[bool | None, Attr("driver/@event_idx", ON_OFF, "Fewer interrupts and exits; best left out.", since="0.9.5")] = None
    copy_on_read: Annotated[
        bool | None,
        Attr("driver/@copy_on_read", ON_OFF, "Whether what is read from the backing chain is kept in the image.", since="0.9.10"),
    ] = None
    discard: Annotated[
        str | None, Attr("driver/@discard", OneOf("unmap", "ignore"), "Whether the guest's discards reach the storage.", since="1.0.6")
    ] = None
    discard_no_unref: Annotated[
        bool | None,
        Attr("driver/@discard_no_unref", ON_OFF, "Whether a qcow2 image keeps discarded clusters against fragmentation.", since="9.5.0"),
    ] = None
    iothread: Annotated[int | None, Attr("driver/@iothread", COUNT, "The I/O thread that serves a virtio disk.", since="1.2.8")] = None
    detect_zeroes: Annotated[
        str | None, Attr("driver/@detect_zeroes", OneOf("off", "on", "unmap"), "Whether written zeroes become holes.", since="2.0.0")
    ] = None
    queues: Annotated[
        int | None, Attr("driver/@queues", POSITIVE, "Number of virtqueues; at most one for each vCPU is useful.", since="3.9.0")
    ] = None
    queue_size: Annotated[
        int | None, Attr("driver/@queue_size", POSITIVE, "Entries in each virtqueue; a power of two up to 1024.", since="7.8.0")
    ] = None
    metadata_cache: Annotated[
        Size | None, Attr("driver/metadata_cache/max_size", SIZE_BYTES, "Largest cache for the tables of a qcow2 image.", since="7.0.0")
    ] = None
    iothread_map: Annotated[
        tuple[IothreadMap, ...], Many("Several I/O threads for the queues of a virtio disk.", numbered=True, since="10.0.0")
    ] = ()
    statistics: Annotated[
        tuple[Duration, ...],
        Attr("driver/statistics/statistic*/@interval", ListOf(SECONDS), "Intervals over which statistics are taken.", since="11.9.0"),
    ] = ()
    latency_histogram: Annotated[tuple[LatencyHistogram, ...], Many("Histogram of latencies.", since="12.1.0")] = ()

    target: Annotated[
        str | None, Attr("target/@dev", TARGET, "Name on the bus, such as vda; the label unless something else is said.", policy="label")
    ] = None
    bus: Annotated[
        str | None,
        Attr(
            "target/@bus",
            OneOf("ide", "fdc", "scsi", "virtio", "xen", "usb", "uml", "sata", "sd", "nvme", since={"nvme": "11.5.0"}),
            "Bus of the disk; nvme since 11.5.0.",
            default="virtio",
        ),
    ] = None
    tray: Annotated[str | None, Attr("target/@tray", OneOf("open", "closed"), "Tray of a CD-ROM or floppy.", since="0.9.11")] = None
    removable: Annotated[
        bool | None, Attr("target/@removable", ON_OFF, "Whether a USB or SCSI disk calls itself removable.", since="1.1.3")
    ] = None
    rotation_rate: Annotated[
        int | None, Attr("target/@rotation_rate", POSITIVE, "Revolutions per minute; 1 stands for an SSD.", since="7.3.0")
    ] = None
    dpofua: Annotated[
        bool | None,
        Attr("target/@dpofua", ON_OFF, "Whether a SCSI disk takes DPO and FUA, which write around its cache.", since="11.10.0"),
    ] = None

    iotune: Annotated[Iotune | None, Sub("Limits on throughput.", since="0.9.8")] = None
    throttle_filters: Annotated[
        tuple[str, ...],
        Attr("throttlefilters/throttlefilter*/@group", ListOf(NAME), "Throttle groups of the machine, in order.", since="11.2.0"),
    ] = ()
    readonly: Annotated[bool | None, Attr("readonly", PRESENCE, "The guest cannot write.")] = None
    shareable: Annotated[bool | None, Attr("shareable", PRESENCE, "Several guests may use it at once; needs raw and no cache.")] = None
    transient: Annotated[bool | None, Attr("transient", PRESENCE, "What the guest writes is dropped when it stops.", since="0.9.5")] = None
    share_backing: Annotated[
        bool | None,
        Attr("transient/@shareBacking", YES_NO, "Whether several guests may share the image below a transient disk.", since="7.4.0"),
    ] = None
    serial: Annotated[
        str | None,
        Attr(
            "serial",
            Words(r"[A-Za-z0-9_.+\- ]+", "a serial number of letters, digits and ` _.+-`", parsed=True),
            "Serial number that the guest sees.",
            since="0.7.1",
        ),
    ] = None
    wwn: Annotated[str | None, Attr("wwn", WWN, "World wide name of an ide or scsi disk.", since="0.10.1")] = None
    vendor: Annotated[
        str | None, Attr("vendor", Words(r"[ -~]{0,8}", "at most 8 printable characters"), "Vendor of a scsi disk.", since="1.0.1")
    ] = None
    product: Annotated[
        str | None,
        Attr(
            "product",
            Words(r"[ -~]{0,40}", "at most 40 printable characters"),
            "Product of a scsi disk: 16 characters, of other buses 40.",
            since="1.0.1",
        ),
    ] = None
    geometry: Annotated[Geometry | None, Sub("Geometry for the BIOS.", since="0.10.0")] = None
    blockio: Annotated[Blockio | None, Sub("Block sizes that the guest sees.", since="0.10.2")] = None
    auth: Annotated[Auth | None, Sub("Login at the storage, in the place before 3.9.0; better in the source.", since="0.9.7")] = None
    encryption: Annotated[Encryption | None, Sub("Encryption, in the place before 3.9.0; better in the source.")] = None
    backend_domain: Annotated[str | None, Attr("backenddomain/@name", TEXT, "Xen domain that serves the disk.", since="1.2.13")] = None
    backing_store: Annotated[BackingStore | None, Sub("The layer below a copy-on-write image.", since="1.2.4")] = None
    mirror: Annotated[Mirror | None, Sub("A copy under way; running guests only.", since="0.9.12")] = None
    size: Annotated[
        Size | None, Attr(None, SIZE_BYTES, "Size of the volume to create if there is none. Has no effect in this version.")
    ] = None

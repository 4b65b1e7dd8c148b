"""What a virtual machine can have: libvirt's domain, one typed line a feature."""

from collections.abc import Mapping
from types import MappingProxyType

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap, Sub
from vmspec.model.boot import Boot, Firmware
from vmspec.model.clock import Clock
from vmspec.model.cpu import Cpu
from vmspec.model.devices.audio import Audio
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.console import Console
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.crypto import Crypto
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.filesystem import Filesystem
from vmspec.model.devices.graphics import Graphics
from vmspec.model.devices.hostdev import Hostdev
from vmspec.model.devices.hub import Hub
from vmspec.model.devices.input import Input
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.iommu import Iommu
from vmspec.model.devices.kinds import UUID
from vmspec.model.devices.lease import Lease
from vmspec.model.devices.memory_device import MemoryDevice
from vmspec.model.devices.nvram import Nvram
from vmspec.model.devices.panic import Panic
from vmspec.model.devices.parallel import Parallel
from vmspec.model.devices.pstore import Pstore
from vmspec.model.devices.redirdev import Redirdev
from vmspec.model.devices.redirfilter import Redirfilter
from vmspec.model.devices.rng import Rng
from vmspec.model.devices.serial import Serial
from vmspec.model.devices.shmem import Shmem
from vmspec.model.devices.smartcard import Smartcard
from vmspec.model.devices.sound import Sound
from vmspec.model.devices.tpm import Tpm
from vmspec.model.devices.video import Video
from vmspec.model.devices.vsock import Vsock
from vmspec.model.devices.watchdog import Watchdog
from vmspec.model.events import Events
from vmspec.model.features import Features, PowerManagement
from vmspec.model.host import HostRequests
from vmspec.model.hyperv import HyperV
from vmspec.model.kind import ANYTHING, NAME, PLACED, PROGRAM_PATH, TEXT, YES_NO, Integer, ListOf, OneOf, OrTrue, Words
from vmspec.model.lxc import Lxc
from vmspec.model.memory import Memory
from vmspec.model.migration import Migration
from vmspec.model.namespaces import Bhyve, Qemu, Vmware, Xen
from vmspec.model.numa import Numa
from vmspec.model.restart import Restart
from vmspec.model.security import IdMap, KeyWrap, LaunchSecurity, SecLabel
from vmspec.model.seed import Seed
from vmspec.model.sysinfo import SysInfo
from vmspec.model.threads import Emulator, IoThread, IoThreads, IoThreadSchedule, Vcpu, VcpuSchedule
from vmspec.model.tuning import BlkioTune, Perf, Resource, ThrottleGroup
from vmspec.model.value import Symbol, Value

TYPES = OneOf("kvm", "qemu", "xen", "lxc", "hvf", "bhyve", "vmware", "vbox", "openvz", "test", "vz", "hyperv", "uml", "phyp", "kqemu")
_ARCHITECTURES = """x86_64 aarch64 s390x ppc64 ppc64le riscv64 i686 alpha armv6l armv7l cris ia64 lm32 loongarch64 m68k microblaze
    microblazeel mips mipsel mips64 mips64el openrisc parisc parisc64 ppc ppcemb riscv32 s390 sh4 sh4eb sparc sparc64
    unicore32 xtensa xtensaeb"""
ARCHITECTURES = OneOf(*_ARCHITECTURES.split(), since={"loongarch64": "10.2.0"})
MACHINE = Words(r"[a-zA-Z0-9_.\-]+", "a machine type such as pc-q35-7.2", symbol=True)


_TOP = """name uuid hwuuid genid title description metadata maxMemory memory currentMemory blkiotune memtune memoryBacking vcpu vcpus
    iothreads iothreadids defaultiothread cputune numatune resource iommufd sysinfo bootloader bootloader_args os idmap features
    cpu clock on_poweroff on_reboot on_crash on_lockfailure pm perf throttlegroups devices seclabel keywrap
    launchSecurity"""
_DEVICES = """emulator disk controller lease filesystem interface smartcard serial parallel console channel input tpm graphics sound
    audio video hostdev redirdev redirfilter hub watchdog memballoon rng nvram panic shmem memory iommu vsock crypto
    pstore"""
_OS = "type firmware loader nvram boot kernel initrd cmdline"
_CPU = "model vendor topology cache maxphysaddr feature numa"
_FEATURES = "pae acpi apic hap viridian privnet hyperv kvm"
XML_ORDER = (
    *_TOP.split(),
    *(f"devices/{name}" for name in _DEVICES.split()),
    *(f"os/{name}" for name in _OS.split()),
    *(f"cpu/{name}" for name in _CPU.split()),
    *(f"features/{name}" for name in _FEATURES.split()),
)
"""The order in which libvirt writes them (virDomainDefFormatInternalSetRootName, src/conf/domain_conf.c 9.0.0)."""


UNHASHED = "sha256-of-the-rest"
"""Stands in `Origin.source` until emission knows the text that the hash is of."""


class Origin(Block):
    """Where a definition came from: kept in our own metadata, so that a later plan knows what is ours."""

    project: Annotated[str | None, Attr("metadata/vmspec:vm/@project", TEXT, "Id of the project that it belongs to.")] = None
    uuid: Annotated[
        Symbol | None, Attr("metadata/vmspec:vm/@uuid", UUID, "The domain that it was made for: a copy by hand has another UUID.")
    ] = None
    source: Annotated[
        str | None,
        Attr(
            "metadata/vmspec:vm/@source",
            TEXT,
            "SHA-256 of the definition, this hash left out: what was applied last, and whether somebody changed it.",
        ),
    ] = None
    layout: Annotated[int | None, Attr("metadata/vmspec:vm/@layout", Integer(0), "Version of the algorithm that gave the addresses.")] = (
        None
    )
    profiles: Annotated[
        tuple[str, ...] | None, Attr("metadata/vmspec:vm/vmspec:profile*/@name", ListOf(TEXT), "Its profiles, weakest first.")
    ] = None


THREADS = (("iothreads",), ("disk", "*", "iothread"), ("controller", "*", "iothread"))


class Domain(Block):
    """A virtual machine."""

    element = "domain"
    xml_order = XML_ORDER

    # The machine itself.
    type: Annotated[Symbol | None, Attr("@type", TYPES, "Hypervisor.", default=Symbol("kvm"), since="0.0.1")] = None
    id: Annotated[
        int | None, Attr("@id", Integer(0), "Number of the running guest; live definitions only.", since="0.0.1", unchecked=True)
    ] = None
    name: Annotated[str | None, Attr("name", TEXT, "Name; the label of the `vm` says it.", since="0.0.1")] = None
    uuid: Annotated[
        Symbol | None, Attr("uuid", UUID, "Identity; made from the project and the name where nothing is said.", since="0.0.1")
    ] = None
    hwuuid: Annotated[
        Symbol | None, Attr("hwuuid", UUID, "Identity that the guest's hardware shows, where that is not `uuid`.", since="11.7.0")
    ] = None
    genid: Annotated[
        "Value | None",
        Attr(
            "genid",
            OrTrue(UUID),
            "Generation id, which changes when the guest is cloned or restored; `true`: libvirt chooses.",
            since="4.4.0",
            policy="bare",
        ),
    ] = None
    title: Annotated[str | None, Attr("title", TEXT, "Short description, one line.", since="0.9.10")] = None
    description: Annotated[str | None, Attr("description", TEXT, "Description.", since="0.7.2")] = None
    arch: Annotated[
        Symbol | None, Attr("os/type/@arch", ARCHITECTURES, "Architecture of the guest.", default=Symbol("x86_64"), since="0.0.1")
    ] = None
    machine: Annotated[
        Symbol | None, Attr("os/type/@machine", MACHINE, "Machine type; a version in it keeps the guest's hardware stable.", since="0.0.1")
    ] = None
    os_type: Annotated[
        Symbol | None,
        Attr(
            "os/type",
            OneOf("hvm", "xen", "linux", "xenpvh", "exe"),
            "Full virtualisation, Xen's own, or a container's program.",
            default=Symbol("hvm"),
            since="0.0.1",
        ),
    ] = None
    emulator_path: Annotated[str | None, Attr("devices/emulator", PROGRAM_PATH, "Absolute path of QEMU.", since="0.1.3")] = None

    # What libvirt is not told, or only as our metadata.
    tags: Annotated[
        tuple[Symbol, ...] | None,
        Attr("metadata/vmspec:vm/vmspec:tag*/@name", ListOf(NAME, unordered=True), "Words to select machines by."),
    ] = None
    origin: Annotated[Origin | None, Sub("Where the definition came from; the compiler writes it.")] = None
    place: Annotated[
        "Value | None",
        Attr(None, PLACED, "The host that the machine is placed on; `hosts(nfv)`, one of those, or `auto`, any: `vmc place` chooses."),
    ] = None
    resolve: Annotated[bool | None, Attr(None, YES_NO, "`false`: emit exactly what is said, and add nothing.")] = None
    as_written: Annotated[
        Mapping[str, str],
        OpenMap(TEXT, 'libvirt\'s own text of values that the compiler would write in another way, by path: `"memory.size" = "1048576"`.'),
    ] = MappingProxyType({})
    autostart: Annotated[bool | None, Attr(None, YES_NO, "Started together with the host.")] = None
    power: Annotated[
        Symbol | None,
        Attr(
            None,
            OneOf("running", "off", "unmanaged"),
            "Whether it is to run: compared by plan and verify, restored by deploy as its flags allow.",
            default=Symbol("unmanaged"),
        ),
    ] = None
    start_after: Annotated["Value | None", Attr(None, ANYTHING, "VMs that are started, or restarted, before it: `[vm(db)]`.")] = None
    restart: Annotated[Restart | None, Sub("How a deploy restarts it.")] = None
    seed: Annotated[Seed | None, Sub("What the guest is given for its first start.")] = None
    host: Annotated[HostRequests | None, Sub("Requests to the host that the machine lands on.")] = None
    migration: Annotated[Migration | None, Sub("How the machine may be moved.")] = None

    # Processors and memory.
    memory: Annotated[Memory | None, Sub("Memory.")] = None
    cpu: Annotated[Cpu | None, Sub("Virtual processors.")] = None
    vcpu: Annotated[tuple[Vcpu, ...], Many("One virtual processor.", numbered=True)] = ()
    vcpu_schedule: Annotated[tuple[VcpuSchedule, ...], Many("Scheduling of several vCPUs in one line.")] = ()
    iothreads: Annotated[int | None, Attr("iothreads", Integer(0), "Number of I/O threads, numbered from 1.", since="1.2.8")] = None
    iothread: Annotated[tuple[IoThread, ...], Many("One I/O thread.", numbered=True, named_by=THREADS)] = ()
    iothread_schedule: Annotated[tuple[IoThreadSchedule, ...], Many("Scheduling of several I/O threads in one line.")] = ()
    iothread_limit: Annotated[IoThreads | None, Sub("Limits that all I/O threads share.")] = None
    emulator: Annotated[Emulator | None, Sub("The emulator's own threads.")] = None
    numa: Annotated[Numa | None, Sub("NUMA, on both sides.")] = None
    blkiotune: Annotated[BlkioTune | None, Sub("Share of the host's disks.")] = None
    resource: Annotated[Resource | None, Sub("Control group and storage network.")] = None
    iommufd: Annotated[
        bool | None, Attr("iommufd/@enabled", YES_NO, "The host's devices are given through /dev/iommu.", since="12.2.0")
    ] = None
    iommufd_group: Annotated[
        str | None, Attr("iommufd/@fdgroup", TEXT, "File descriptors by virDomainFDAssociate take the place of /dev/iommu.", since="12.2.0")
    ] = None

    # Boot and platform.
    sysinfo: Annotated[SysInfo | None, Sub("What the guest reads of its machine.")] = None
    firmware: Annotated[Firmware | None, Sub("Firmware.")] = None
    boot: Annotated[Boot | None, Sub("What is booted.")] = None
    idmap: Annotated[IdMap | None, Sub("User namespace of a container.")] = None
    features: Annotated[Features | None, Sub("Switches of the machine.")] = None
    hyperv: Annotated[HyperV | None, Sub("Enlightenments for Windows.")] = None
    clock: Annotated[Clock | None, Sub("Clock and timers.")] = None
    events: Annotated[Events | None, Sub("What happens when it ends.")] = None
    pm: Annotated[PowerManagement | None, Sub("Sleep states.")] = None
    perf: Annotated[Perf | None, Sub("Performance events.")] = None
    throttle_group: Annotated[tuple[ThrottleGroup, ...], Many("Limits that several disks share.", since="11.2.0")] = ()

    # Devices.
    disk: Annotated[tuple[Disk, ...], Many("Disk, CD-ROM or floppy.")] = ()
    controller: Annotated[tuple[Controller, ...], Many("Controller of a bus.")] = ()
    lease: Annotated[tuple[Lease, ...], Many("Lease of a lock manager.")] = ()
    filesystem: Annotated[tuple[Filesystem, ...], Many("Directory of the host.")] = ()
    interface: Annotated[tuple[Interface, ...], Many("Network interface.")] = ()
    smartcard: Annotated[tuple[Smartcard, ...], Many("Smartcard.", implied="smartcard0")] = ()
    serial: Annotated[tuple[Serial, ...], Many("Serial line.", implied="serial0")] = ()
    parallel: Annotated[tuple[Parallel, ...], Many("Parallel port.", implied="parallel0")] = ()
    console: Annotated[tuple[Console, ...], Many("Console.", implied="console0")] = ()
    channel: Annotated[tuple[Channel, ...], Many("Private channel between host and guest.")] = ()
    input: Annotated[tuple[Input, ...], Many("Mouse, tablet or keyboard.", implied="input0")] = ()
    tpm: Annotated[tuple[Tpm, ...], Many("Trusted platform module.", implied="tpm0")] = ()
    graphics: Annotated[tuple[Graphics, ...], Many("Remote or local display.", implied="graphics0")] = ()
    sound: Annotated[tuple[Sound, ...], Many("Sound card.", implied="sound0")] = ()
    audio: Annotated[tuple[Audio, ...], Many("Audio of the host.", implied="audio1")] = ()
    video: Annotated[tuple[Video, ...], Many("Graphics card.", implied="video0")] = ()
    hostdev: Annotated[tuple[Hostdev, ...], Many("Device of the host.")] = ()
    redirdev: Annotated[tuple[Redirdev, ...], Many("USB device of a remote user.")] = ()
    redirfilter: Annotated[Redirfilter | None, Sub("Which USB devices may be redirected.")] = None
    hub: Annotated[tuple[Hub, ...], Many("USB hub.", implied="hub0")] = ()
    watchdog: Annotated[tuple[Watchdog, ...], Many("Watchdog.", implied="watchdog0")] = ()
    rng: Annotated[tuple[Rng, ...], Many("Source of randomness.", implied="rng0")] = ()
    nvram: Annotated[Nvram | None, Sub("Address of the non-volatile memory of a pSeries guest.")] = None
    panic: Annotated[tuple[Panic, ...], Many("Panic notifier.", implied="panic0")] = ()
    shmem: Annotated[tuple[Shmem, ...], Many("Shared memory of guests.")] = ()
    memory_device: Annotated[tuple[MemoryDevice, ...], Many("Memory module.")] = ()
    iommu: Annotated[tuple[Iommu, ...], Many("IOMMU of the guest.", implied="iommu0")] = ()
    vsock: Annotated[Vsock | None, Sub("Socket between host and guest.")] = None
    crypto: Annotated[tuple[Crypto, ...], Many("Cryptographic accelerator.", implied="crypto0")] = ()
    pstore: Annotated[Pstore | None, Sub("Memory for the guest's last words.")] = None

    # Security, and hypervisors' own parts.
    seclabel: Annotated[tuple[SecLabel, ...], Many("Label of a security driver.", implied="seclabel0")] = ()
    keywrap: Annotated[KeyWrap | None, Sub("Protected keys of s390x.")] = None
    launch_security: Annotated[LaunchSecurity | None, Sub("Memory that the host cannot read.")] = None
    qemu: Annotated[Qemu | None, Sub("What libvirt passes to QEMU unread.")] = None
    lxc: Annotated[Lxc | None, Sub("Namespaces that a container shares.")] = None
    bhyve: Annotated[Bhyve | None, Sub("What libvirt passes to bhyve unread.")] = None
    xen: Annotated[Xen | None, Sub("What libvirt passes to Xen's device model unread.")] = None
    vmware: Annotated[Vmware | None, Sub("What only VMware has.")] = None

"""What a host can have: its shape, what is kept from guests, and the kernel settings that guests may request."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap, Sub
from vmspec.model.devices.kinds import IP
from vmspec.model.kind import ANYTHING, CPUS, NAME, SIZE_BYTES, TEXT, Integer, ListOf, OneOf, Words
from vmspec.model.kind import YES_NO as BOOLEAN
from vmspec.model.pins import GROUPS
from vmspec.model.units import BYTES_PER_SECOND, THOUSANDTHS, TIMES
from vmspec.model.value import CpuSet, Percentage, Rate, Size, Symbol, Value

EMPTY: Mapping[str, Value] = {}
MODULE = Words(r"[A-Za-z0-9_\-]+", "a name of letters, digits, `_` and `-`", symbol=True)
PCI = Words(r"[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]", "a PCI address such as 0000:3b:00.0", symbol=True)


WITH_PREFIX = Words(r"[0-9a-fA-F.:]+/[0-9]{1,3}", "an address with its prefix such as 192.0.2.1/24")
KERNEL = Words(r"[0-9]+\.[0-9]+[\w.+~-]*", 'a version such as "6.1.0-18-amd64"')


class Kernel(Block):
    """The kernel's command line."""

    args: Annotated[
        Mapping[str, Value],
        OpenMap(
            ANYTHING,
            "Kernel arguments by name: a string, a number, a cpuset, `true` for a flag, or a list joined by commas.",
            combine="union",
        ),
    ] = EMPTY


class Ksm(Block):
    """Kernel same-page merging (Linux Documentation/admin-guide/mm/ksm.rst)."""

    main = "run"
    run: Annotated[bool | None, Attr(None, BOOLEAN, "Merge equal pages of guests.")] = None
    pages_to_scan: Annotated[int | None, Attr(None, Integer(1), "Pages to scan before ksmd sleeps.", combine="max")] = None
    sleep: Annotated[int | None, Attr(None, Integer(0), "Milliseconds that ksmd sleeps between scans.")] = None
    merge_across_nodes: Annotated[bool | None, Attr(None, BOOLEAN, "Merge pages of different NUMA nodes.")] = None


class Switch(Block):
    """A switch in user space, such as Open vSwitch with DPDK: what it takes of the host beside the guests."""

    main = "cpus"
    cpus: Annotated[CpuSet | None, Attr(None, CPUS, "CPUs of its poll threads: no vCPU runs there.", combine="union")] = None
    memory: Annotated[
        Size | None,
        Attr(None, SIZE_BYTES, "Its huge pages of 1 GiB on each node that has poll threads (`dpdk-socket-mem`).", combine="max"),
    ] = None


class HostRequests(Block):
    """What a profile may ask of the host that its VM lands on; equal requests agree, weak ones yield, others follow `combine`."""

    kernel: Annotated[Kernel | None, Sub("Kernel command line.")] = None
    sysctl: Annotated[Mapping[str, Value], OpenMap(ANYTHING, "Kernel parameters below /proc/sys, by dotted name.")] = EMPTY
    modprobe: Annotated[Mapping[str, Value], OpenMap(ANYTHING, "Module parameters by `module.parameter`: options lines of modprobe.d.")] = (
        EMPTY
    )
    sysfs: Annotated[Mapping[str, Value], OpenMap(ANYTHING, "Switches below /sys by path: `w` lines of tmpfiles.d.")] = EMPTY
    modules: Annotated[
        tuple[Symbol, ...] | None, Attr(None, ListOf(MODULE, unordered=True), "Kernel modules to load at boot.", combine="union")
    ] = None
    transparent_hugepage: Annotated[
        Symbol | None,
        Attr(None, OneOf("always", "madvise", "never"), "Transparent huge pages (Linux Documentation/admin-guide/mm/transhuge.rst)."),
    ] = None
    ksm: Annotated[Ksm | None, Sub("Kernel same-page merging.")] = None
    governor: Annotated[
        Symbol | None,
        Attr(
            None,
            OneOf("performance", "powersave", "schedutil", "ondemand", "conservative", "userspace"),
            "CPU frequency governor, of every CPU.",
        ),
    ] = None
    wake_latency: Annotated[
        int | None,
        Attr(
            None,
            Integer(1, 100_000),
            "Microseconds that an isolated CPU may take to wake: idle states that take longer are not entered (pm_qos_resume_latency_us).",
            combine="min",
        ),
    ] = None
    switch: Annotated[Switch | None, Sub("A switch in user space.")] = None
    irqbalance: Annotated[bool | None, Attr(None, BOOLEAN, "Run irqbalance, which keeps interrupts off the dedicated CPUs.")] = None
    tuned: Annotated[Symbol | None, Attr(None, MODULE, "The tuned profile that ours includes.")] = None
    smt: Annotated[bool | None, Attr(None, BOOLEAN, "Keep simultaneous multithreading on.")] = None
    iommu: Annotated[bool | None, Attr(None, BOOLEAN, "The IOMMU is on, in pass-through mode for the host's own devices.")] = None
    vfio: Annotated[
        tuple[str, ...] | None, Attr(None, ListOf(PCI, unordered=True), "PCI addresses that vfio-pci binds at boot.", combine="union")
    ] = None
    realtime_kernel: Annotated[bool | None, Attr(None, BOOLEAN, "The kernel is built with PREEMPT_RT.")] = None


class HostNode(Block):
    """One NUMA node of a host."""

    cpus: Annotated[CpuSet | None, Attr(None, CPUS, "Online CPUs of the node.")] = None
    memory: Annotated[Size | None, Attr(None, SIZE_BYTES, "Memory of the node.")] = None
    hugepages: Annotated[
        Mapping[str, Value],
        OpenMap(
            Integer(0),
            "Huge pages to reserve at least, by size: `hugepages { 1GiB = 16 }`. Those of its VMs follow by themselves.",
            combine="sum",
        ),
    ] = EMPTY
    spare: Annotated[
        Mapping[str, Value], OpenMap(Integer(0), "Huge pages to reserve beside those of the guests: `spare { 1GiB = 2 }`.", combine="sum")
    ] = EMPTY
    distances: Annotated[tuple[int, ...] | None, Attr(None, ListOf(Integer(10, 255)), "Distances to the nodes, in order.")] = None


class Reserve(Block):
    """What the host keeps for itself."""

    cpus: Annotated[CpuSet | None, Attr(None, CPUS, "Housekeeping CPUs: no dedicated vCPU runs there.")] = None
    memory: Annotated[Size | None, Attr(None, SIZE_BYTES, "Memory for the host itself.")] = None
    headroom: Annotated[Percentage | None, Attr(None, THOUSANDTHS, "Part of the shared capacity that stays free.")] = None


class Overcommit(Block):
    """How much more may be promised than there is, for shared guests only."""

    cpu: Annotated[Percentage | None, Attr(None, TIMES, "vCPUs per host thread, as a percentage: 400% is four to one.")] = None
    memory: Annotated[Percentage | None, Attr(None, TIMES, "Guest memory per host memory.")] = None


class Nic(Block):
    """A network card of the host."""

    node: Annotated[int | None, Attr(None, Integer(0), "NUMA node of the card.")] = None
    address: Annotated[str | None, Attr(None, PCI, "PCI address.")] = None
    speed: Annotated[Rate | None, Attr(None, BYTES_PER_SECOND, "Link rate.")] = None
    mtu: Annotated[int | None, Attr(None, Integer(68, 65535), "Largest frame.")] = None
    vfs: Annotated[int | None, Attr(None, Integer(0), "Virtual functions to create (sriov_numvfs).")] = None


class HostAddress(Block):
    """Addresses of the host itself on a bridge or bond that is ours to make."""

    main = "addresses"
    addresses: Annotated[tuple[str, ...] | None, Attr(None, ListOf(WITH_PREFIX), "Addresses with their prefixes.")] = None
    gateways: Annotated[tuple[str, ...] | None, Attr(None, ListOf(IP), "The next hop of all else, one of IPv4 and one of IPv6.")] = None
    dns: Annotated[tuple[str, ...] | None, Attr(None, ListOf(IP), "Name servers.")] = None
    dhcp: Annotated[bool | None, Attr(None, BOOLEAN, "Addresses come from DHCP and router advertisements.")] = None


class Bond(Block):
    """Several cards of the host as one (Linux Documentation/networking/bonding.rst)."""

    main = "ports"
    ports: Annotated[tuple[str, ...] | None, Attr(None, ListOf(NAME), "The cards.")] = None
    mode: Annotated[
        Symbol | None,
        Attr(
            None,
            OneOf("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"),
            "How frames are shared out.",
        ),
    ] = None
    mtu: Annotated[int | None, Attr(None, Integer(68, 65535), "Largest frame.")] = None
    manage: Annotated[bool | None, Attr(None, BOOLEAN, "It is made by a file of ours, and its cards' ports.")] = None
    ip: Annotated[HostAddress | None, Sub("The host's own addresses on it.")] = None


class Bridge(Block):
    """A bridge of the host."""

    kind: Annotated[Symbol | None, Attr(None, OneOf("linux", "openvswitch"), "Who forwards.")] = None
    uplink: Annotated[str | None, Attr(None, NAME, "The card or bond that it is attached to.")] = None
    mtu: Annotated[int | None, Attr(None, Integer(68, 65535), "Largest frame.")] = None
    vlan_filtering: Annotated[bool | None, Attr(None, BOOLEAN, "The bridge knows VLANs.")] = None
    manage: Annotated[bool | None, Attr(None, BOOLEAN, "It is made by a file of ours, and its uplink's port.")] = None
    ip: Annotated[HostAddress | None, Sub("The host's own addresses on it.")] = None


class Storage(Block):
    """A place for disks on the host."""

    path: Annotated[str | None, Attr(None, TEXT, "Directory, volume group or pool.")] = None
    kind: Annotated[Symbol | None, Attr(None, OneOf("dir", "lvm", "zfs", "ceph", "nfs", "nvme"), "What it is.")] = None
    shared: Annotated[
        bool | None, Attr(None, BOOLEAN, "Other hosts that say so see the same data at the same path; nfs and ceph always are.")
    ] = None
    capacity: Annotated[Size | None, Attr(None, SIZE_BYTES, "Room.")] = None
    node: Annotated[int | None, Attr(None, Integer(0), "NUMA node of the device.")] = None


class HostDevice(Block):
    """A device of the host that a guest may be given."""

    address: Annotated[str | None, Attr(None, PCI, "PCI address.")] = None
    id: Annotated[
        str | None, Attr(None, Words(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}", "a vendor:device id", symbol=True), "Vendor and device id.")
    ] = None
    node: Annotated[int | None, Attr(None, Integer(0), "NUMA node.")] = None
    iommu_group: Annotated[int | None, Attr(None, Integer(0), "IOMMU group.")] = None
    driver: Annotated[str | None, Attr(None, NAME, "Driver that it is bound to.")] = None


class Host(HostRequests):
    """A KVM host."""

    uri: Annotated[str | None, Attr(None, TEXT, "libvirt's connection URI.")] = None
    facts: Annotated[str | None, Attr(None, TEXT, "A file of facts that `vmc facts` wrote: versions, nodes, cores, devices.")] = None
    description: Annotated[str | None, Attr(None, TEXT, "For people.")] = None
    arch: Annotated[Symbol | None, Attr(None, NAME, "Architecture, as libvirt names it.", default=Symbol("x86_64"))] = None
    os: Annotated[
        Symbol | None,
        Attr(
            None,
            OneOf("debian", "ubuntu", "rhel", "fedora", "centos", "rocky", "alma", "suse", "opensuse", "arch", "other"),
            "Distribution.",
        ),
    ] = None
    vendor: Annotated[Symbol | None, Attr(None, OneOf("intel", "amd", "arm", "ibm", "other"), "Who made the CPUs.")] = None
    cpu_model: Annotated[str | None, Attr(None, NAME, "libvirt's name of the CPU model.")] = None
    libvirt: Annotated[str | None, Attr(None, Words(r"[0-9]+(\.[0-9]+){1,2}", 'a version such as "9.0.0"'), "Version of libvirt.")] = None
    qemu: Annotated[str | None, Attr(None, Words(r"[0-9]+(\.[0-9]+){1,2}", 'a version such as "7.2.0"'), "Version of QEMU.")] = None
    kernel_version: Annotated[str | None, Attr(None, KERNEL, "Version of the kernel.")] = None
    bootloader: Annotated[
        Symbol | None,
        Attr(
            None,
            OneOf("grub", "grubby", "systemd-boot", "rpm-ostree", "bootc", "zipl", "other"),
            "Who gives the kernel its arguments; without facts it follows from `os`. A host with `tuned` has its arguments from there.",
        ),
    ] = None
    tags: Annotated[tuple[Symbol, ...] | None, Attr(None, ListOf(NAME, unordered=True), "Words to select hosts by.")] = None
    siblings: Annotated[
        tuple[CpuSet, ...] | None,
        Attr(None, GROUPS, 'The CPUs of each core that has several threads, `["0,32", "1,33"]`; the facts tell them too.'),
    ] = None
    isolation: Annotated[
        Symbol | None,
        Attr(
            None,
            OneOf("boot", "partition"),
            "How dedicated CPUs leave the scheduler: by kernel arguments, or each as its guest starts, in a cpuset partition of cgroup v2.",
        ),
    ] = None
    tickless: Annotated[
        CpuSet | None,
        Attr(None, CPUS, "With `isolation = partition`: CPUs without tick and callbacks from boot on, for guests of today and later."),
    ] = None
    numa: Annotated[tuple[HostNode, ...], Many("NUMA node.", numbered=True)] = ()
    reserve: Annotated[Reserve | None, Sub("What the host keeps for itself.")] = None
    overcommit: Annotated[Overcommit | None, Sub("What may be promised twice.")] = None
    nic: Annotated[tuple[Nic, ...], Many("Network card.")] = ()
    bond: Annotated[tuple[Bond, ...], Many("Bond.")] = ()
    bridge: Annotated[tuple[Bridge, ...], Many("Bridge.")] = ()
    interface_files: Annotated[
        Symbol | None,
        Attr(
            None,
            OneOf("networkd", "ifupdown", "networkmanager"),
            "Who makes managed interfaces; if not said, ifupdown on Debian, NetworkManager on Red Hat's and SUSE's, else networkd.",
        ),
    ] = None
    storage: Annotated[tuple[Storage, ...], Many("Place for disks.")] = ()
    device: Annotated[tuple[HostDevice, ...], Many("Device for guests.")] = ()

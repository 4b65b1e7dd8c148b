"""Switches of the machine and the hypervisor (docs/formatdomain.rst 9.0.0, "Hypervisor features", "Power Management")."""

from vmspec.model.block import Annotated, Attr, Block, Sub
from vmspec.model.kind import ON_OFF, PRESENCE, SIZE_KIB, SIZE_UNITS, YES_NO, BareFlag, Integer, Measure, OneOf
from vmspec.model.lxc import LinuxCapabilities
from vmspec.model.value import Size, Symbol

BARE = BareFlag("on", "off")
MITIGATION = OneOf("broken", "workaround", "fixed")
TSEG = Measure(Size, "MiB", 1024 * 1024, with_unit=True, units=SIZE_UNITS)


class KvmFeatures(Block):
    """Switches of KVM."""

    hidden: Annotated[bool | None, Attr("features/kvm/hidden/@state", ON_OFF, "The guest does not find KVM in CPUID.", since="1.2.8")] = (
        None
    )
    hint_dedicated: Annotated[
        bool | None, Attr("features/kvm/hint-dedicated/@state", ON_OFF, "vCPUs have host CPUs of their own.", since="5.7.0")
    ] = None
    poll_control: Annotated[
        bool | None, Attr("features/kvm/poll-control/@state", ON_OFF, "The guest decides on busy waiting before a halt.", since="6.10.0")
    ] = None
    pv_ipi: Annotated[bool | None, Attr("features/kvm/pv-ipi/@state", ON_OFF, "Paravirtual interrupts between vCPUs.", since="7.10.0")] = (
        None
    )
    dirty_ring: Annotated[
        bool | None, Attr("features/kvm/dirty-ring/@state", ON_OFF, "Dirty pages in a ring, for migration.", since="8.0.0")
    ] = None
    dirty_ring_size: Annotated[
        int | None, Attr("features/kvm/dirty-ring/@size", Integer(0), "Entries: a power of two, 1024 to 65536.", since="8.0.0")
    ] = None


class XenFeatures(Block):
    """Switches of Xen."""

    e820_host: Annotated[
        bool | None, Attr("features/xen/e820_host/@state", ON_OFF, "The guest sees the host's memory map.", since="6.3.0")
    ] = None
    passthrough: Annotated[
        bool | None, Attr("features/xen/passthrough/@state", ON_OFF, "IOMMU mappings, for passed-through devices.", since="6.3.0")
    ] = None
    passthrough_mode: Annotated[
        Symbol | None, Attr("features/xen/passthrough/@mode", OneOf("sync_pt", "share_pt"), "How the mappings are kept.", since="6.3.0")
    ] = None


class Smm(Block):
    """System Management Mode."""

    element = "features/smm"
    main = "state"

    state: Annotated[bool | None, Attr("@state", ON_OFF, "Whether the machine has it; Secure Boot needs it.", since="2.1.0")] = None
    tseg: Annotated[Size | None, Attr("tseg", TSEG, "Memory for it.", since="4.5.0")] = None


class Hpt(Block):
    """Hash page table of a pSeries guest."""

    element = "features/hpt"

    resizing: Annotated[
        Symbol | None, Attr("@resizing", OneOf("enabled", "disabled", "required"), "Whether it can be resized.", since="3.10.0")
    ] = None
    maxpagesize: Annotated[Size | None, Attr("maxpagesize", SIZE_KIB, "Largest page of the guest.", since="4.5.0")] = None


class Features(Block):
    """Switches of the machine."""

    pae: Annotated[bool | None, Attr("features/pae", PRESENCE, "Physical address extension.")] = None
    acpi: Annotated[bool | None, Attr("features/acpi", PRESENCE, "ACPI: power button, hotplug.")] = None
    apic: Annotated[bool | None, Attr("features/apic", PRESENCE, "The interrupt controller of x86.")] = None
    apic_eoi: Annotated[bool | None, Attr("features/apic/@eoi", ON_OFF, "Paravirtual end of interrupt.", since="0.10.2")] = None
    hap: Annotated[bool | None, Attr("features/hap/@state", BARE, "Hardware-assisted paging, of Xen guests.", policy="bare")] = None
    viridian: Annotated[bool | None, Attr("features/viridian", PRESENCE, "Hyper-V extensions of Xen.")] = None
    privnet: Annotated[bool | None, Attr("features/privnet", PRESENCE, "A network namespace of its own, of containers.")] = None
    kvm: Annotated[KvmFeatures | None, Sub("Switches of KVM.")] = None
    xen: Annotated[XenFeatures | None, Sub("Switches of Xen.")] = None
    pvspinlock: Annotated[bool | None, Attr("features/pvspinlock/@state", BARE, "Paravirtual spinlocks.", policy="bare")] = None
    pmu: Annotated[bool | None, Attr("features/pmu/@state", BARE, "Performance counters.", since="1.2.12", policy="bare")] = None
    vmport: Annotated[bool | None, Attr("features/vmport/@state", BARE, "VMware's I/O port.", since="1.2.16", policy="bare")] = None
    gic: Annotated[bool | None, Attr("features/gic", PRESENCE, "The interrupt controller of ARM.", since="1.2.16")] = None
    gic_version: Annotated[Symbol | None, Attr("features/gic/@version", OneOf("host", "2", "3"), "Its version.", since="1.2.16")] = None
    smm: Annotated[Smm | None, Sub("System Management Mode.", since="2.1.0")] = None
    ioapic: Annotated[Symbol | None, Attr("features/ioapic/@driver", OneOf("qemu", "kvm"), "Who emulates the I/O APIC.", since="3.4.0")] = (
        None
    )
    hpt: Annotated[Hpt | None, Sub("Hash page table of a pSeries guest.", since="3.10.0")] = None
    vmcoreinfo: Annotated[
        bool | None, Attr("features/vmcoreinfo/@state", BARE, "Help for dumps of the guest's kernel.", since="4.4.0", policy="bare")
    ] = None
    htm: Annotated[bool | None, Attr("features/htm/@state", ON_OFF, "Transactional memory of pSeries.", since="4.6.0")] = None
    nested_hv: Annotated[bool | None, Attr("features/nested-hv/@state", ON_OFF, "Nested guests of pSeries.", since="4.10.0")] = None
    msrs_unknown: Annotated[
        Symbol | None,
        Attr("features/msrs/@unknown", OneOf("ignore", "fault"), "What reading an unknown register does; bhyve.", since="5.1.0"),
    ] = None
    ccf_assist: Annotated[
        bool | None, Attr("features/ccf-assist/@state", ON_OFF, "Count cache flush assist of pSeries.", since="5.9.0")
    ] = None
    cfpc: Annotated[
        Symbol | None, Attr("features/cfpc/@value", MITIGATION, "Cache flush on privilege change, of pSeries.", since="6.3.0")
    ] = None
    sbbc: Annotated[Symbol | None, Attr("features/sbbc/@value", MITIGATION, "Speculation barrier, of pSeries.", since="6.3.0")] = None
    ibs: Annotated[
        Symbol | None,
        Attr(
            "features/ibs/@value",
            OneOf("broken", "workaround", "fixed-ibs", "fixed-ccd", "fixed-na", "fixed"),
            "Indirect branch speculation, of pSeries.",
            since="6.3.0",
        ),
    ] = None
    tcg_tb_cache: Annotated[
        Size | None, Attr("features/tcg/tb-cache", SIZE_KIB, "Cache of translated code, without KVM.", since="8.0.0")
    ] = None
    async_teardown: Annotated[
        bool | None, Attr("features/async-teardown/@enabled", YES_NO, "Memory is freed after the guest is gone.", since="9.6.0")
    ] = None
    ras: Annotated[bool | None, Attr("features/ras/@state", ON_OFF, "Report memory errors to ARM guests.", since="10.4.0")] = None
    ps2: Annotated[bool | None, Attr("features/ps2/@state", ON_OFF, "The PS/2 controller.", since="10.7.0")] = None
    aia: Annotated[
        Symbol | None,
        Attr("features/aia/@value", OneOf("none", "aplic", "aplic-imsic"), "The interrupt architecture of RISC-V.", since="11.1.0"),
    ] = None
    virtualization: Annotated[
        bool | None, Attr("features/virtualization", PRESENCE, "ARM guests may run guests of their own.", since="12.1.0")
    ] = None
    capabilities: Annotated[LinuxCapabilities | None, Sub("Linux capabilities of a container.")] = None


class PowerManagement(Block):
    """Sleep states that the firmware offers the guest."""

    suspend_to_mem: Annotated[bool | None, Attr("pm/suspend-to-mem/@enabled", YES_NO, "S3.", since="0.10.2")] = None
    suspend_to_disk: Annotated[bool | None, Attr("pm/suspend-to-disk/@enabled", YES_NO, "S4.", since="0.10.2")] = None

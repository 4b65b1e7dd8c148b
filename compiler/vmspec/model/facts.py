"""The facts of a host: what its hardware and its system are. Nothing of it changes by itself from one look to the next."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.base.record import record
from vmspec.model.value import CpuSet


@record(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """A NUMA node."""

    id: int
    cpus: CpuSet
    """Online ones; none on a node of memory alone."""
    memory: int | None = None
    """In bytes, as the kernel counts it after its own."""
    pages: tuple[int, ...] = ()
    """Sizes of huge pages in bytes, ascending."""
    distances: tuple[int, ...] = ()


@record(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """A network card on a bus, no virtual function."""

    name: str
    address: str | None = None
    node: int | None = None
    driver: str | None = None
    mtu: int | None = None
    speed: int | None = None
    """In Mbit/s, where the link is up."""
    vfs: int | None = None
    """Virtual functions that it can have (sriov_totalvfs)."""


@record(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """A PCI device, no virtual function."""

    address: str
    id: str | None = None
    """Vendor and device, `10de:1db4`."""
    kind: str | None = None
    """The PCI class as six hexadecimal digits, `030200`."""
    node: int | None = None
    iommu_group: int | None = None
    driver: str | None = None
    """The host's own; none where vfio-pci has it."""
    vfs: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class CacheFacts:
    """CPUs that share a cache of the last level."""

    level: int
    cpus: CpuSet
    size: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """All that is known of a host. An entry of text is None, one of several things is empty where it could not be read."""

    arch: str | None = None
    os: str | None = None
    """The distribution's ID (os-release(5))."""
    os_version: str | None = None
    os_like: tuple[str, ...] = ()
    kernel: str | None = None
    kernel_config: Mapping[str, str] = {}
    """Options of its build that decide what it can do."""
    kernel_args: tuple[str, ...] = ()
    """Arguments that it was started with, but for what names its image and disks and for ours."""
    lockdown: str | None = None
    bootloader: str | None = None
    firmware: str | None = None
    systemd: str | None = None
    tuned: str | None = None
    tuned_profiles: tuple[str, ...] = ()
    """Folders that tuned takes profiles from, in its order."""
    libvirt: str | None = None
    qemu: str | None = None
    vendor: str | None = None
    cpu: str | None = None
    """The name that the CPU has for people."""
    cpu_model: str | None = None
    """libvirt's name of the nearest model."""
    online: CpuSet | None = None
    smt: str | None = None
    affected: tuple[str, ...] = ()
    """Vulnerabilities that the kernel counts the CPUs among."""
    page: int | None = None
    numa: tuple[NodeFacts, ...] = ()
    sockets: tuple[CpuSet, ...] = ()
    siblings: tuple[CpuSet, ...] = ()
    caches: tuple[CacheFacts, ...] = ()
    kinds: Mapping[str, CpuSet] = {}
    """CPUs by kind of core, where there are several: `core` and `atom`, or capacities."""
    idle: tuple[tuple[str, int], ...] = ()
    """Idle states of a CPU, with how many microseconds each takes to leave."""
    cpufreq: str | None = None
    governors: tuple[str, ...] = ()
    cgroup: int | None = None
    controllers: tuple[str, ...] = ()
    exclusive: bool | None = None
    """Cpusets have `cpuset.cpus.exclusive`: partitions below slices of systemd."""
    features: tuple[str, ...] = ()
    """Of transparent-hugepage, ksm, userfaultfd, kvm: those that the kernel has."""
    nics: tuple[CardFacts, ...] = ()
    devices: tuple[DeviceFacts, ...] = ()
    machines: tuple[str, ...] = ()
    cpu_models: tuple[str, ...] = ()
    """Models that libvirt says it can give guests."""
    guest_features: tuple[str, ...] = ()
    """CPU features of a guest with host-model, beside those of `cpu_model`."""
    loaders: tuple[str, ...] = ()
    """Kinds of firmware for guests: bios, efi."""
    launch_security: tuple[str, ...] = ()
    pools: tuple[Mapping[str, str], ...] = ()
    networks: tuple[Mapping[str, str], ...] = ()
    sysctls: frozenset[str] = frozenset()
    """Names with dots, without those of single network devices."""
    parameters: Mapping[str, Mapping[str, str]] = {}
    """By module: its parameters with the type of each, `halt_poll_ns` → `uint`; "" where it is not known."""

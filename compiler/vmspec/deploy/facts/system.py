"""Facts that a host's own /sys, /proc and /etc tell, from what `gather.sh` printed there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vmspec.base.record import field, record
from vmspec.model.facts import CacheFacts, CardFacts, DeviceFacts, HostFacts, NodeFacts
from vmspec.model.kind import parse_cpus
from vmspec.model.value import CpuSet

_CPU = "sys/devices/system/cpu/"
_NODE = "sys/devices/system/node/"
_PCI = "sys/bus/pci/devices/"
_NET = "sys/class/net/"
_ADDRESS = re.compile(r"[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+")
VENDORS = {"GenuineIntel": "intel", "AuthenticAMD": "amd", "HygonGenuine": "amd", "0x41": "arm", "IBM/S390": "ibm"}
"""Of /proc/cpuinfo: vendor_id of x86 and s390, CPU implementer of ARM (arch/arm64/include/asm/cputype.h of Linux 6.12)."""
CONFIG = (
    "CGROUP_SCHED", "CPUSETS", "CPU_FREQ_DEFAULT_GOV_PERFORMANCE", "CPU_FREQ_GOV_PERFORMANCE", "CPU_ISOLATION", "HUGETLBFS", "HUGETLB_PAGE",
    "INTEL_IOMMU_DEFAULT_ON", "IOMMU_DEFAULT_PASSTHROUGH", "KSM", "KVM", "KVM_AMD_SEV", "KVM_INTEL", "NO_HZ_FULL", "NUMA_BALANCING",
    "PREEMPT_DYNAMIC", "PREEMPT_RT", "RCU_NOCB_CPU", "RT_GROUP_SCHED", "SCHED_CORE", "TRANSPARENT_HUGEPAGE", "USERFAULTFD", "VFIO_PCI",
    "VHOST_NET", "X86_CPU_RESCTRL",
)  # fmt: skip
"""Options that decide what a host of guests can do; one that is absent from a kernel's configuration is n."""
FEATURES = {
    "sys/kernel/mm/transparent_hugepage/enabled": "transparent-hugepage",
    "sys/kernel/mm/ksm/run": "ksm",
    "dev/userfaultfd": "userfaultfd",
    "dev/kvm": "kvm",
    "etc/grub.d/00_tuned": "grub-tuned",
}
OURS = (
    *("etc/default/grub.d/90-vmspec.cfg", "etc/tuned/vmspec/tuned.conf", "etc/tuned/profiles/vmspec/tuned.conf"),
    *(f"var/lib/vmspec/cmdline{owner}" for owner in ("", ".systemd-boot", ".rpm-ostree", ".bootc")),
)
"""Where a deploy leaves the arguments that it hands over (emit/host/boot.py)."""
VOLATILE = ("BOOT_IMAGE", "root", "rootflags", "initrd", "resume", "ostree", "rd.luks.uuid", "cryptdevice", "systemd.machine_id")
"""Arguments that name images and disks, by which a host is found and not what it does."""
PASSING = re.compile(r"net\.(ipv[46]|mpls)\.(conf|neigh)\.(?!all\.|default\.)|fs\.binfmt_misc\.|kernel\.sched_domain\.|dev\.|sunrpc\.")
"""Sysctls of single network devices, and of modules that come and go."""
OWN_PARAMETERS = re.compile(r"sys/module/([^/]+)/parameters/([^/]+)")


@record(slots=True)
class Gathered:
    """What the script printed."""

    files: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    there: set[str] = field(default_factory=set)
    said: dict[str, list[str]] = field(default_factory=dict)
    """By the name of a question that a program was asked: its lines."""
    typed: dict[str, dict[str, str]] = field(default_factory=dict)
    """By module: types of parameters."""

    def first(self, path: str) -> str | None:
        lines = self.files.get(path)
        return lines[0].strip() if lines else None

    def number(self, path: str) -> int | None:
        text = self.first(path) or ""
        return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None

    def cpus(self, path: str) -> CpuSet | None:
        text = self.first(path)
        return None if text is None else parse_cpus(text) if text else CpuSet()

    def under(self, pattern: str) -> Iterator[tuple[tuple[int, ...], str]]:
        """Files whose path is the pattern, in which `*` is a number: those numbers and the path, by number."""
        expression = re.compile(re.escape(pattern).replace(r"\*", "([0-9]+)"))
        found = ((match, path) for path in self.files if (match := expression.fullmatch(path)))
        yield from sorted((tuple(int(each) for each in match.groups()), path) for match, path in found)


def gathered(text: str) -> Gathered:
    """Read the script's lines; those that it does not know are passed over."""
    found = Gathered()
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("\t"):
            lines.append(line[1:])
            continue
        kind, _, rest = line.partition("\t")
        match kind:
            case "F":
                lines = found.files.setdefault(rest, [])
            case "C":
                lines = found.said.setdefault(rest, [])
            case "E":
                found.there.add(rest)
            case "L":
                path, _, target = rest.partition("\t")
                found.links[path] = target
            case "M":
                module, _, typed = rest.partition("\t")
                name, _, of = typed.partition(":")
                found.typed.setdefault(module.replace("-", "_"), {})[name] = of
            case _:
                lines = []
    return found


def system_facts(text: str) -> HostFacts:
    """The facts in what the script printed."""
    g = gathered(text)
    os = dict(_assignments(g.files.get("etc/os-release") or g.files.get("usr/lib/os-release") or []))
    cpu = dict(_colons(g.files.get("proc/cpuinfo", [])))
    online = g.cpus(f"{_CPU}online")
    arch = g.first("proc/sys/kernel/arch") or next(iter(g.said.get("machine", ())), None)
    controllers = g.first("sys/fs/cgroup/cgroup.controllers")
    groups = 2 if controllers is not None else 1 if "sys/fs/cgroup/cpuset" in g.there else None
    partitions = any(path.endswith(("cpuset.cpus.exclusive", "cpuset.cpus.isolated")) for path in g.there)
    lockdown = re.search(r"\[(\w+)\]", g.first("sys/kernel/security/lockdown") or "")
    return HostFacts(
        arch=arch,
        os=os.get("ID"),
        os_version=os.get("VERSION_ID"),
        os_like=tuple(os.get("ID_LIKE", "").split()),
        kernel=g.first("proc/sys/kernel/osrelease"),
        kernel_config=_config(g),
        kernel_args=_arguments(g),
        lockdown=lockdown[1] if lockdown else None,
        bootloader=_bootloader(g.there),
        firmware=None if arch == "s390x" else "efi" if "sys/firmware/efi" in g.there else "bios" if arch == "x86_64" else None,
        systemd=_number_in(g.said.get("systemd"), re.compile(r"[0-9]+")),
        tuned=_number_in(g.said.get("tuned"), _VERSION),
        tuned_profiles=_tuned_profiles(g),
        libvirt=_number_in(g.said.get("libvirt"), _VERSION),
        qemu=_number_in(g.said.get("qemu"), _VERSION),
        vendor=VENDORS.get(cpu.get("vendor_id") or cpu.get("CPU implementer") or "", "other") if cpu else None,
        cpu=" ".join((cpu.get("model name") or "").split()) or None,
        online=online,
        smt=g.first(f"{_CPU}smt/control"),
        affected=tuple(
            sorted(path.rpartition("/")[2] for path in g.files if path.startswith(f"{_CPU}vulnerabilities/") and _is_affected(g, path))
        ),
        page=int(page) if (page := (g.said.get("page") or ["4096" if arch == "x86_64" else ""])[0]).isdigit() else None,
        numa=tuple(_nodes(g, online)),
        sockets=_sets(g, f"{_CPU}cpu*/topology/physical_package_id"),
        siblings=_siblings(g),
        caches=_caches(g),
        kinds=_kinds(g),
        idle=_idle(g),
        cpufreq=g.first(f"{_CPU}cpu0/cpufreq/scaling_driver"),
        governors=tuple(sorted((g.first(f"{_CPU}cpu0/cpufreq/scaling_available_governors") or "").split())),
        cgroup=groups,
        controllers=tuple(sorted((controllers or "").split())),
        exclusive=partitions if groups == 2 and "cpuset" in (controllers or "").split() else None,
        features=tuple(name for path, name in FEATURES.items() if path in g.there),
        nics=tuple(_cards(g)),
        devices=tuple(_devices(g)),
        sysctls=frozenset(
            name
            for path in g.said.get("sysctls", ())
            if not PASSING.match(name := path.replace(".", "\0").replace("/", ".").replace("\0", "/"))
        ),
        parameters=_parameters(g),
    )


# ------------------------------------------------------------------------------------------------- CPUs and memory


def _nodes(g: Gathered, online: CpuSet | None) -> Iterator[NodeFacts]:
    """A kernel without NUMA has no folder of nodes: all is node 0."""
    numbers = [number for (number,), _ in g.under(f"{_NODE}node*/cpulist")]
    for number in numbers:
        at = f"{_NODE}node{number}/"
        memory = re.search(r"MemTotal:\s*([0-9]+) kB", "\n".join(g.files.get(f"{at}meminfo", ())))
        distances = tuple(int(each) for each in (g.first(f"{at}distance") or "").split())
        yield NodeFacts(
            id=number,
            cpus=g.cpus(f"{at}cpulist") or CpuSet(),
            memory=int(memory[1]) << 10 if memory else None,
            pages=_pages(g, f"{at}hugepages/"),
            distances=distances if len(numbers) > 1 else (),
        )
    if not numbers and online is not None:
        total = re.search(r"([0-9]+) kB", g.first("proc/meminfo") or "")
        memory_of = int(total[1]) << 10 if total else None
        yield NodeFacts(id=0, cpus=online, memory=memory_of, pages=_pages(g, "sys/kernel/mm/hugepages/"))


def _pages(g: Gathered, folder: str) -> tuple[int, ...]:
    found = (re.fullmatch(r"hugepages-([0-9]+)kB", path.removeprefix(folder)) for path in g.there if path.startswith(folder))
    return tuple(sorted(int(each[1]) << 10 for each in found if each))


def _sets(g: Gathered, pattern: str) -> tuple[CpuSet, ...]:
    """CPUs with the same content of a file of each, in the order of their first."""
    groups: dict[str, list[int]] = {}
    for (cpu,), path in g.under(pattern):
        groups.setdefault(g.first(path) or "", []).append(cpu)
    return tuple(sorted((CpuSet.of(cpus) for cpus in groups.values()), key=lambda cpus: next(iter(cpus))))


def _siblings(g: Gathered) -> tuple[CpuSet, ...]:
    """The CPUs of each core; none where every core has one."""
    found = {str(g.cpus(path)): g.cpus(path) for _, path in g.under(f"{_CPU}cpu*/topology/thread_siblings_list")}
    cores = tuple(cpus for cpus in found.values() if cpus)
    return cores if any(len(cpus) > 1 for cpus in cores) else ()


def _caches(g: Gathered) -> tuple[CacheFacts, ...]:
    """Those of the highest level that a CPU has, each once."""
    last: dict[int, tuple[int, str]] = {}
    for (cpu, _), path in g.under(f"{_CPU}cpu*/cache/index*/level"):
        folder = path.removesuffix("level")
        level = g.number(path) or 0
        if g.first(f"{folder}type") != "Instruction":
            last[cpu] = max(last.get(cpu, (0, "")), (level, folder))
    found: dict[str, CacheFacts] = {}
    for level, folder in last.values():
        cpus = g.cpus(f"{folder}shared_cpu_list")
        size = re.fullmatch(r"([0-9]+)K", g.first(f"{folder}size") or "")
        if cpus:
            found.setdefault(str(cpus), CacheFacts(level=level, cpus=cpus, size=int(size[1]) << 10 if size else None))
    return tuple(found.values())


def _kinds(g: Gathered) -> Mapping[str, CpuSet]:
    intel = {kind: cpus for kind in ("core", "atom") if (cpus := g.cpus(f"sys/devices/cpu_{kind}/cpus"))}
    if intel:
        return intel
    by_capacity: dict[int, list[int]] = {}
    for (cpu,), path in g.under(f"{_CPU}cpu*/cpu_capacity"):
        by_capacity.setdefault(g.number(path) or 0, []).append(cpu)
    return {f"capacity-{each}": CpuSet.of(by_capacity[each]) for each in sorted(by_capacity, reverse=True)} if len(by_capacity) > 1 else {}


def _idle(g: Gathered) -> tuple[tuple[str, int], ...]:
    states = list(g.under(f"{_CPU}cpu0/cpuidle/state*/name"))
    return tuple((g.first(path) or "", g.number(path.removesuffix("name") + "latency") or 0) for _, path in states)


def _is_affected(g: Gathered, path: str) -> bool:
    return not (g.first(path) or "Not affected").startswith("Not affected")


# ------------------------------------------------------------------------------------------------------- devices


def _devices(g: Gathered) -> Iterator[DeviceFacts]:
    for path in sorted(g.files):
        address = path.removeprefix(_PCI).removesuffix("/class")
        if path != f"{_PCI}{address}/class" or f"{_PCI}{address}/physfn" in g.links:
            continue
        vendor, device = (_hex(g.first(f"{_PCI}{address}/{name}")) for name in ("vendor", "device"))
        group = g.links.get(f"{_PCI}{address}/iommu_group", "").rpartition("/")[2]
        driver = g.links.get(f"{_PCI}{address}/driver", "").rpartition("/")[2]
        yield DeviceFacts(
            address=address,
            id=f"{vendor}:{device}" if vendor and device else None,
            kind=_hex(g.first(path)),
            node=_node(g.number(f"{_PCI}{address}/numa_node")),
            iommu_group=int(group) if group.isdigit() else None,
            driver=driver if driver not in ("", "vfio-pci") else None,
            vfs=g.number(f"{_PCI}{address}/sriov_totalvfs"),
        )


def _cards(g: Gathered) -> Iterator[CardFacts]:
    for path in sorted(g.links):
        name = path.removeprefix(_NET)
        target = g.links[path]
        addresses = _ADDRESS.findall(target)
        if path != f"{_NET}{name}" or "/" in name or "/devices/virtual/" in target:
            continue
        address = addresses[-1] if addresses else None
        if address is not None and f"{_PCI}{address}/physfn" in g.links:
            continue
        node = g.number(f"{_NET}{name}/device/numa_node")
        speed = g.number(f"{_NET}{name}/speed")
        yield CardFacts(
            name=name,
            address=address,
            node=_node(node if node is not None or address is None else g.number(f"{_PCI}{address}/numa_node")),
            driver=g.links.get(f"{_NET}{name}/device/driver", "").rpartition("/")[2] or None,
            mtu=g.number(f"{_NET}{name}/mtu"),
            speed=speed if speed is not None and speed > 0 else None,
            vfs=g.number(f"{_PCI}{address}/sriov_totalvfs") if address is not None else None,
        )


def _hex(text: str | None) -> str | None:
    return text.removeprefix("0x") if text else None


def _node(number: int | None) -> int | None:
    """-1 says that the firmware tells none (Documentation/ABI/testing/sysfs-bus-pci of Linux 6.12)."""
    return number if number is not None and number >= 0 else None


# -------------------------------------------------------------------------------------------------------- system


def _config(g: Gathered) -> dict[str, str]:
    lines = g.files.get("config")
    if not lines:
        return {}
    known = dict(line.removeprefix("CONFIG_").partition("=")[::2] for line in lines)
    return {name: known.get(name, "n") for name in CONFIG}


def _arguments(g: Gathered) -> tuple[str, ...]:
    """Those that we hand over are ours, and follow from the program."""
    ours = {word for path in OURS for line in g.files.get(path, ()) for word in _handed_over(path, line)}
    return tuple(word for word in (g.first("proc/cmdline") or "").split() if word.partition("=")[0] not in VOLATILE and word not in ours)


def _handed_over(path: str, line: str) -> list[str]:
    if path.endswith("90-vmspec.cfg"):
        return line.partition("'")[2].rpartition("'")[0].split()
    if path.endswith("tuned.conf"):
        return line.removeprefix("cmdline_vmspec=+").split() if line.startswith("cmdline_vmspec=+") else []
    return line.split()


def _bootloader(there: set[str]) -> str | None:
    """What arguments are given to the kernel by, most specific first (host-side tools as each distribution ships them)."""
    if "run/ostree-booted" in there:
        return "bootc" if "usr/bin/bootc" in there else "rpm-ostree"
    tests = (
        ("zipl", ("etc/zipl.conf",)),
        ("grubby", ("usr/sbin/grubby", "usr/bin/grubby", "sbin/grubby")),
        ("grub", ("etc/default/grub", "boot/grub/grub.cfg", "boot/grub2/grub.cfg")),
        ("systemd-boot", ("boot/efi/loader/loader.conf", "efi/loader/loader.conf", "boot/loader/loader.conf", "etc/kernel/cmdline")),
    )
    return next((name for name, paths in tests if any(path in there for path in paths)), None)


def _tuned_profiles(g: Gathered) -> tuple[str, ...]:
    """`profile_dirs` of tuned-main.conf (tuned 2.23); where it is silent, the folders that the build has."""
    for line in g.files.get("etc/tuned/tuned-main.conf", ()):
        key, equals, value = line.partition("=")
        if equals and key.strip() == "profile_dirs":
            return tuple(each.strip() for each in value.split(",") if each.strip())
    if "usr/lib/tuned/profiles" in g.there:
        return ("/usr/lib/tuned/profiles", "/etc/tuned/profiles")
    return ("/usr/lib/tuned", "/etc/tuned") if "usr/lib/tuned" in g.there else ()


def _parameters(g: Gathered) -> dict[str, dict[str, str]]:
    """Of built-in modules, of those that guests need, and of the drivers of devices; what is loaded besides comes and goes."""
    found: dict[str, dict[str, str]] = {module: dict(names) for module, names in g.typed.items()}
    for line in g.files.get("modules.builtin.modinfo", ()):
        module, _, typed = line.partition(".parmtype=")
        name, _, kind = typed.partition(":")
        found.setdefault(module.replace("-", "_"), {})[name] = kind
    for path in g.said.get("parameters", ()):
        match = OWN_PARAMETERS.fullmatch(path)
        if match and (match[1] in found or match[1] in ("kvm", "kvm_intel", "kvm_amd")):
            found.setdefault(match[1], {}).setdefault(match[2], "")
    return found


def _number_in(lines: list[str] | None, pattern: re.Pattern[str]) -> str | None:
    match = pattern.search(lines[0]) if lines else None
    return match[0] if match else None


def _assignments(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        key, equals, value = line.partition("=")
        if equals:
            yield key.strip(), value.strip().strip("\"'")


def _colons(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        key, colon, value = line.partition(":")
        if colon:
            yield key.strip(), value.strip()

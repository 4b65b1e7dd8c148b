"""Units and drop-ins of systemd: housekeeping CPUs for the host's own slices, gigantic pages, interrupts.

Sources: systemd.resource-control(5) AllowedCPUs=, systemd.mount(5), systemd.service(5) of Debian 12 (`%` and `$` doubled in
command lines), irqbalance(1) IRQBALANCE_BANNED_CPULIST.
"""

from __future__ import annotations

from collections.abc import Callable

from vmspec.base.provenance import Path
from vmspec.emit.host import hugepages as huge
from vmspec.emit.host.file import OURS, ROOT, FileEntry, HostFile, lines
from vmspec.lower.fleet import HostObject
from vmspec.model.value import CpuSet, Value

UNITS = f"{ROOT}etc/systemd/system"
RELOAD = "systemctl daemon-reload"
ISOLATING = ("isolcpus", "nohz_full", "rcu_nocbs")


def isolated(host: HostObject) -> tuple[CpuSet, tuple[Path, ...]]:
    """CPUs that kernel arguments take from the host's own work, and those arguments."""
    found, paths = CpuSet(), []
    for name in ISOLATING:
        value: Value | None = host.spec.kernel.args.get(name) if host.spec.kernel else None
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, CpuSet) and part:
                found |= part
                paths.append(("kernel", "args", name))
    return found, tuple(dict.fromkeys(paths))


def allowed_cpus(slice_: str) -> Callable[[HostObject], HostFile | None]:
    """Only where something is isolated: a host that merely has housekeeping CPUs keeps all of them for itself."""

    def emit(host: HostObject) -> HostFile | None:
        settings: list[tuple[str, Path, str]] = []
        reserve = host.spec.reserve
        if reserve is not None and reserve.cpus and isolated(host)[0]:
            settings.append(("AllowedCPUs", ("reserve", "cpus"), str(reserve.cpus)))
        if reserve is not None and reserve.memory and slice_ == "system.slice":
            # What guests take beyond the rest is taken from guests, not from the host's services.
            settings.append(("MemoryMin", ("reserve", "memory"), str(int(reserve.memory))))
        if not settings:
            return None
        section = "Scope" if slice_.endswith(".scope") else "Slice"
        text = lines(f"# {OURS}", f"[{section}]", [f"{name}={value}" for name, _, value in settings])
        entries = tuple(FileEntry(name, (path,), value) for name, path, value in settings)
        what = " and ".join({"AllowedCPUs": "CPUs", "MemoryMin": "memory"}[name] for name, _, _ in settings)
        return HostFile(f"{UNITS}/{slice_}.d/90-vmspec.conf", text, entries, f"{what} of {slice_}", (RELOAD,), (RELOAD,))

    return emit


def hugetlbfs(host: HostObject) -> HostFile | None:
    """The distribution mounts the default page size only."""
    default = host.spec.kernel.args.get("default_hugepagesz") if host.spec.kernel else None
    paths = tuple(p.path for p in huge.pages(host) if p.size == huge.GIB)
    if not paths or default == huge.GIB or str(default) in ("1G", "1GiB"):
        return None
    unit = lines(
        f"# {OURS}",
        [
            "[Unit]",
            "Description=Huge pages of 1 GiB for guests",
            "DefaultDependencies=no",
            "Before=sysinit.target",
            "ConditionPathExists=/sys/kernel/mm/hugepages/hugepages-1048576kB",
            "",
        ],
        [
            "[Mount]",
            "What=hugetlbfs",
            "Where=/dev/hugepages1G",
            "Type=hugetlbfs",
            "Options=pagesize=1G",
            "",
            "[Install]",
            "WantedBy=sysinit.target",
        ],
    )
    name = "dev-hugepages1G.mount"
    return HostFile(
        f"{UNITS}/{name}",
        unit,
        (FileEntry(name, paths),),
        "mount of 1 GiB pages",
        (RELOAD, f"systemctl enable --now {name}"),
        (f"systemctl disable --now {name}", RELOAD),
    )


def hugepages(host: HostObject) -> HostFile | None:
    """Gigantic pages that the command line cannot place on a node: before anything else takes memory apart. Where a node has too few,
    caches are dropped and memory is compacted before the next try (admin-guide/sysctl/vm.rst); after a minute of that the unit fails and
    says how many there are, and not the guest that would be the last to start."""
    late = [p for p in huge.later(host) if p.size >= huge.GIB]
    if not late:
        return None
    commands = [
        f"ExecStart=/bin/sh -c 'n=0; while [ $$(cat {p.sysfs}) -lt {p.number} ]; do "
        f'[ $$n -lt 60 ] || {{ echo "{p.sysfs}: $$(cat {p.sysfs}) of {p.number} pages" >&2; exit 1; }}; '
        "[ $$n -eq 0 ] || { sleep 1; echo 3 > /proc/sys/vm/drop_caches; echo 1 > /proc/sys/vm/compact_memory; }; "
        f"echo {p.number} > {p.sysfs}; n=$$((n + 1)); done'"
        for p in late
    ]
    return service(
        "vmspec-hugepages.service",
        "Huge pages of each node for guests",
        commands,
        tuple(FileEntry(p.sysfs, (p.path,), str(p.number)) for p in late),
        "huge pages of each node",
        ("DefaultDependencies=no", "Before=sysinit.target ovs-vswitchd.service"),
        "sysinit.target",
    )


BANNED = "etc/vmspec/irqbalance.env"


def irqbalance(host: HostObject) -> HostFile | None:
    """Kept off the isolated CPUs, or, where it is not to run, given a condition that no host fulfils: its own unit stays as it is. A second
    EnvironmentFile= is read after the distribution's, and so wins over it; Environment= would lose (systemd.exec(5))."""
    cpus, paths = isolated(host)
    if host.spec.irqbalance is False:
        text = ["[Unit]", NEVER]
    elif host.spec.irqbalance and cpus:
        text = ["[Service]", f"EnvironmentFile=/{BANNED}"]
    else:
        return None
    path = f"{UNITS}/irqbalance.service.d/90-vmspec.conf"
    after = (RELOAD, "systemctl restart irqbalance.service" if host.spec.irqbalance else "systemctl stop irqbalance.service")
    return HostFile(
        path,
        lines(f"# {OURS}", text),
        (FileEntry("irqbalance", (("irqbalance",), *paths)),),
        "interrupts off the isolated CPUs",
        after,
        (RELOAD,),
    )


def irqbalance_banned(host: HostObject) -> HostFile | None:
    """Versions before 1.8 (Debian 11) know the mask alone, later ones prefer the list (irqbalance(1))."""
    cpus, paths = isolated(host)
    if not host.spec.irqbalance or not cpus:
        return None
    text = lines(f"# {OURS}", f"IRQBALANCE_BANNED_CPULIST={cpus}", f"IRQBALANCE_BANNED_CPUS={cpus.bits:x}")
    return HostFile(f"{ROOT}{BANNED}", text, (FileEntry("banned CPUs", (("irqbalance",), *paths), str(cpus)),), "CPUs without interrupts")


def merging_service(unit: str) -> Callable[[HostObject], HostFile | None]:
    """Where pages are not to be merged, the services that would turn it on again do not start (ksmtuned of Debian and Red Hat)."""

    def emit(host: HostObject) -> HostFile | None:
        if host.spec.ksm is None or host.spec.ksm.run is not False:
            return None
        text = lines(f"# {OURS}", "[Unit]", NEVER)
        entry = FileEntry("ksm", (("ksm", "run"),))
        after = (RELOAD, f"systemctl stop {unit}")
        return HostFile(f"{UNITS}/{unit}.d/90-vmspec.conf", text, (entry,), f"no {unit}", after, (RELOAD,))

    return emit


NEVER = "ConditionKernelCommandLine=vmspec.never"


def realtime(host: HostObject) -> HostFile | None:
    """Of a real-time host's isolated CPUs: soft interrupts and timers run above the vCPUs (FIFO 1), and the fair server, which from Linux
    6.12 on takes 50 ms of each second whatever sched_rt_runtime_us says, is off (Documentation/scheduler/sched-rt-group.rst; ext_server of
    7.x alike). Where the kernel is locked down the latter is refused, and a vCPU shares its CPU only with a task of another class."""
    cpus, paths = isolated(host)
    if not host.spec.realtime_kernel or not cpus:
        return None
    names = "|".join(f"ksoftirqd/{cpu}|ktimers/{cpu}" for cpu in cpus)
    threads = (
        f"for p in /proc/[0-9]*; do read -r n < $$p/comm || continue; "
        f'case "$$n" in {names}) chrt --fifo --pid {ABOVE_VCPUS} $${{p#/proc/}};; esac; done'
    )
    listed = " ".join(map(str, cpus))
    servers = (
        f"for s in fair_server ext_server; do for c in {listed}; do "
        "f=/sys/kernel/debug/sched/$$s/cpu$$c/runtime; if [ -e $$f ]; then echo 0 > $$f; fi; done; done"
    )
    return service(
        "vmspec-realtime.service",
        "Priorities and fair servers of CPUs for real-time guests",
        [f"ExecStart=/bin/sh -c '{threads}'", f"ExecStart=-/bin/sh -c '{servers}'"],
        (FileEntry("priorities", (("realtime-kernel",), *paths), str(ABOVE_VCPUS)),),
        "priorities of the kernel's threads on isolated CPUs",
        ("After=sys-kernel-debug.mount",),
    )


ABOVE_VCPUS = 2
"""std.realtime's vCPUs have FIFO 1; tuned's realtime-virtual-host gives ksoftirqd 2."""


def service(
    name: str,
    description: str,
    commands: list[str],
    entries: tuple[FileEntry, ...],
    what: str,
    when: tuple[str, ...] = (),
    target: str = "multi-user.target",
) -> HostFile:
    text = lines(
        f"# {OURS}",
        ["[Unit]", f"Description={description}", *when, "Before=libvirtd.service virtqemud.service", ""],
        ["[Service]", "Type=oneshot", "RemainAfterExit=yes", *commands, "", "[Install]", f"WantedBy={target}"],
    )
    return HostFile(
        f"{UNITS}/{name}", text, entries, what, (RELOAD, f"systemctl enable --now {name}"), (f"systemctl disable --now {name}", RELOAD)
    )

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
        cpus = host.spec.reserve.cpus if host.spec.reserve else None
        if not cpus or not isolated(host)[0]:
            return None
        text = lines(f"# {OURS}", f"[{'Scope' if slice_.endswith('.scope') else 'Slice'}]", f"AllowedCPUs={cpus}")
        entry = FileEntry("AllowedCPUs", (("reserve", "cpus"),), str(cpus))
        return HostFile(f"{UNITS}/{slice_}.d/90-vmspec.conf", text, (entry,), f"housekeeping CPUs for {slice_}", (RELOAD,), (RELOAD,))

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
    """Gigantic pages that the command line cannot place on a node: as early as a service can."""
    late = [p for p in huge.later(host) if p.size >= huge.GIB]
    if not late:
        return None
    commands = [f"ExecStart=/bin/sh -c 'echo {p.number} > {p.sysfs}'" for p in late]
    name = "vmspec-hugepages.service"
    return service(
        name,
        "Huge pages of each node for guests",
        commands,
        tuple(FileEntry(p.sysfs, (p.path,), str(p.number)) for p in late),
        "huge pages of each node",
    )


def irqbalance(host: HostObject) -> HostFile | None:
    """Kept off the isolated CPUs, or, where it is not to run, given a condition that no host fulfils: its own unit stays as it is."""
    cpus, paths = isolated(host)
    if host.spec.irqbalance is False:
        text = ["[Unit]", "ConditionKernelCommandLine=vmspec.irqbalance"]
    elif host.spec.irqbalance and cpus:
        text = ["[Service]", f"Environment=IRQBALANCE_BANNED_CPULIST={cpus}"]
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


def service(name: str, description: str, commands: list[str], entries: tuple[FileEntry, ...], what: str) -> HostFile:
    text = lines(
        f"# {OURS}",
        ["[Unit]", f"Description={description}", "Before=libvirtd.service virtqemud.service", ""],
        ["[Service]", "Type=oneshot", "RemainAfterExit=yes", *commands, "", "[Install]", "WantedBy=multi-user.target"],
    )
    return HostFile(
        f"{UNITS}/{name}", text, entries, what, (RELOAD, f"systemctl enable --now {name}"), (f"systemctl disable --now {name}", RELOAD)
    )

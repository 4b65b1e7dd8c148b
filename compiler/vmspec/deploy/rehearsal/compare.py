"""What a rehearsed host was meant to be, and what its kernel and its systemd say that it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vmspec.base.provenance import Path
from vmspec.base.record import record
from vmspec.deploy.facts.system import Gathered
from vmspec.deploy.rehearsal.shape import Shape
from vmspec.emit.host.cmdline import arguments
from vmspec.emit.host.hugepages import pages
from vmspec.lower.hosttext import WRITERS, sysfs_path
from vmspec.model.kind import Problem, parse_cpus
from vmspec.model.value import CpuSet, Value

CPU = "sys/devices/system/cpu/"
MASK = "proc/irq/default_smp_affinity"
THP = "sys/kernel/mm/transparent_hugepage/enabled"
KSM = "sys/kernel/mm/ksm/run"
SLICES = ("system.slice", "user.slice", "init.scope")
COMPLAINTS = re.compile(
    r"Malformed early option|Skipped unknown flag|must match isolcpus|Housekeeping: .*(?:invalid|conflict)|"
    r"hugepagesz? .*(?:unsupported|invalid)|HugeTLB: .*(?:invalid|unsupported|failed|ignored)|NO_HZ: .*(?:invalid|incorrect)|"
    r": invalid value|parameter.*invalid|invalid for parameter|Booted with .*ignored",
    re.IGNORECASE,
)
"""Lines of the kernel's log that say that an argument or a parameter was not taken (Linux 5.10 to 7.3)."""


@record(frozen=True, slots=True)
class RehearsedSetting:
    """One setting. `found` is None where the machine has no such thing to look at."""

    path: Path
    what: str
    meant: str
    found: str | None

    @property
    def fits(self) -> bool:
        return self.meant == self.found


def paths_of(shape: Shape, files: Mapping[str, bytes]) -> list[str]:
    """The files that have to be looked at."""
    spec = shape.host.spec
    found = ["proc/cmdline", f"{CPU}online", f"{CPU}isolated", f"{CPU}nohz_full", MASK, THP, KSM, f"{CPU}smt/active"]
    found += [f"{CPU}cpu[0-9]*/topology/thread_siblings_list", "sys/devices/system/node/node[0-9]*/cpulist"]
    found += ["sys/devices/system/node/node[0-9]*/hugepages/*/nr_hugepages"]
    found += [f"sys/fs/cgroup/{name}/cpuset.cpus.effective" for name in SLICES]
    found += [_sysctl(name) for name in spec.sysctl]
    found += [f"{_parameter(name).rpartition('/')[0]}/*" for name in spec.modprobe]
    found += [path.lstrip("/") for name in spec.sysfs if (path := sysfs_path(name)) is not None]
    return found


def outcomes(shape: Shape, files: Mapping[str, bytes], seen: Gathered) -> list[RehearsedSetting]:
    """Of every setting of the host that a booted system shows, and what the kernel complains about."""
    return [
        *_places(shape, seen),
        *_arguments(shape, seen),
        *_pages(shape, seen),
        *_slices(shape, files, seen),
        *_switches(shape, files, seen),
        *_complaints(shape, seen),
    ]


def _places(shape: Shape, seen: Gathered) -> Iterator[RehearsedSetting]:
    """Nodes and cores, in the host's numbers: whether the machine is the host at all."""
    for number, cpus in shape.nodes.items():
        found = seen.cpus(f"sys/devices/system/node/node{number}/cpulist")
        yield RehearsedSetting(
            ("numa", str(number), "cpus"), f"CPUs of node {number}", _shown(shape, cpus), None if found is None else _shown(shape, found)
        )
    groups = (seen.cpus(path) for _, path in seen.under(f"{CPU}cpu*/topology/thread_siblings_list"))
    cores = {str(group): group for group in groups if group}
    meant = [group for group in shape.host.spec.siblings or () if len(group) > 1]
    if meant:
        there = " ".join(sorted(_shown(shape, core) for core in cores.values()))
        yield RehearsedSetting(("siblings",), "cores", " ".join(sorted(_shown(shape, group) for group in meant)), there or None)


def _arguments(shape: Shape, seen: Gathered) -> Iterator[RehearsedSetting]:
    host = shape.host
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    for name, path in (("isolcpus", f"{CPU}isolated"), ("nohz_full", f"{CPU}nohz_full")):
        meant = _cpus(args.get(name))
        if meant:
            found = seen.cpus(path)
            yield RehearsedSetting(("kernel", "args", name), name, _shown(shape, meant), None if found is None else _shown(shape, found))
    meant = _cpus(args.get("irqaffinity"))
    if meant:
        mask = (seen.first(MASK) or "").replace(",", "")
        found = CpuSet(int(mask, 16)) if re.fullmatch(r"[0-9a-f]+", mask) else None
        # The mask has a bit for every CPU that there could be.
        there = CpuSet.of(shape.cpus.values())
        shown = None if found is None else _shown(shape, found & there)
        yield RehearsedSetting(("kernel", "args", "irqaffinity"), "IRQs by default on", _shown(shape, meant), shown)
    unknown = _unknown(seen)
    for text, entry in arguments(host):
        at: Path = entry.paths[0] if entry.paths else ("kernel", "args", text.partition("=")[0])
        if text in unknown or text.replace('"', "") in unknown:
            yield RehearsedSetting(at, f"argument {text}", "known to the kernel", "unknown")


def _unknown(seen: Gathered) -> list[str]:
    """In the line "Unknown kernel command line parameters "a b=c", will be passed to user space.\" (init/main.c of Linux 6.1)."""
    for line in seen.said.get("dmesg", ()):
        match = re.search(r'Unknown kernel command line parameters "(.*)", will be passed', line)
        if match:
            return match[1].split()
    return []


def _pages(shape: Shape, seen: Gathered) -> Iterator[RehearsedSetting]:
    for each in pages(shape.host):
        found = seen.number(each.sysfs.lstrip("/"))
        what = f"pages of {_size(each.size)} on node {each.node}"
        yield RehearsedSetting(each.path, what, str(each.number), None if found is None else str(found))


def _slices(shape: Shape, files: Mapping[str, bytes], seen: Gathered) -> Iterator[RehearsedSetting]:
    for name in SLICES:
        text = b"\n".join(data for path, data in files.items() if f"/{name}.d/" in f"/{path}").decode("utf-8", "replace")
        said = re.search(r"^AllowedCPUs=(.*)$", text, re.MULTILINE)
        meant = parse_cpus(said[1].replace(" ", ",")) if said else None
        if meant:
            found = seen.cpus(f"sys/fs/cgroup/{name}/cpuset.cpus.effective")
            yield RehearsedSetting(
                ("reserve", "cpus"), f"{name} on CPUs", _shown(shape, meant), None if found is None else _shown(shape, found)
            )


def _switches(shape: Shape, files: Mapping[str, bytes], seen: Gathered) -> Iterator[RehearsedSetting]:
    spec = shape.host.spec
    for section, values, place in (("sysctl", spec.sysctl, _sysctl), ("modprobe", spec.modprobe, _parameter)):
        for name, value in values.items():
            text = WRITERS[section,](name, value)
            if isinstance(text, Problem) or text is None:
                continue
            found = seen.first(place(name))
            meant = " ".join(text.strip('"').split())
            if found is None and _is_absent(section, name, files, seen):
                found = "absent"
            yield RehearsedSetting((section, name), name, meant, None if found is None else _like(meant, " ".join(found.split())))
    for name, value in spec.sysfs.items():
        text, path = WRITERS["sysfs",](name, value), sysfs_path(name)
        if isinstance(text, str) and path is not None:
            pattern = re.compile(re.escape(path.lstrip("/")).replace(r"\*", "[^/]*"))
            said = {_chosen(seen.first(at) or "") for at in seen.files if pattern.fullmatch(at)}
            yield RehearsedSetting(("sysfs", name), name, text, None if not said else text if said == {text} else ", ".join(sorted(said)))
    if spec.transparent_hugepage is not None:
        found = seen.first(THP)
        yield RehearsedSetting(
            ("transparent-hugepage",), "transparent huge pages", str(spec.transparent_hugepage), _chosen(found) if found else None
        )
    if spec.ksm is not None and spec.ksm.run:
        yield RehearsedSetting(("ksm", "run"), "KSM", "1", seen.first(KSM))


def _is_absent(section: str, name: str, files: Mapping[str, bytes], seen: Gathered) -> bool:
    """Whether the kernel has no such thing: a sysctl that is not written on condition (`-`), a parameter of a module that is loaded."""
    if section == "modprobe":
        folder = _parameter(name).rpartition("/")[0]
        return any(path.startswith(f"{folder}/") for path in seen.files)
    return not any(re.search(rf"^-{re.escape(name)}\b", data.decode("utf-8", "replace"), re.MULTILINE) for data in files.values())


def _complaints(shape: Shape, seen: Gathered) -> Iterator[RehearsedSetting]:
    for line in seen.said.get("dmesg", ()):
        if COMPLAINTS.search(line):
            yield RehearsedSetting(("kernel", "args"), "the kernel's log", "no complaint", re.sub(r"^\[[^\]]*\]\s*", "", line))
    for line in seen.said.get("failed", ()):
        if line.strip():
            yield RehearsedSetting((), f"unit {line.split()[0]}", "no failure", "failed")


def _cpus(value: Value | None) -> CpuSet | None:
    """Of an argument, which may have words before its CPUs."""
    parts = value if isinstance(value, tuple) else (value,)
    found = [part for part in parts if isinstance(part, CpuSet)]
    texts = [parsed for part in parts if isinstance(part, str) and (parsed := parse_cpus(part.rpartition(",")[2] or part)) is not None]
    return CpuSet.of(cpu for each in (*found, *texts) for cpu in each) or None


def _shown(shape: Shape, cpus: CpuSet) -> str:
    """In the host's own numbers."""
    return str(shape.on_host(cpus)) or "none"


def _chosen(text: str) -> str:
    """The word in brackets of a file that lists what there is."""
    match = re.search(r"\[([^\]]+)\]", text)
    return match[1] if match else text.strip()


def _like(meant: str, found: str) -> str:
    """The kernel prints booleans as Y and N, and what it made of kvm.nx_huge_pages too."""
    truth = {"Y": ("1", "y", "Y", "on", "auto", "force"), "N": ("0", "n", "N", "off", "auto", "never")}
    return meant if meant in truth.get(found, ()) else found


def _sysctl(name: str) -> str:
    return "proc/sys/" + (name if "/" in name.partition(".")[0] else name.replace(".", "/"))


def _parameter(name: str) -> str:
    module, _, parameter = name.partition(".")
    return f"sys/module/{module.replace('-', '_')}/parameters/{parameter}"


def _size(size: int) -> str:
    return f"{size >> 30} GiB" if size % (1 << 30) == 0 else f"{size >> 20} MiB" if size % (1 << 20) == 0 else f"{size >> 10} KiB"

"""Probes of what systemd makes of our units and drop-ins, of devices, of interrupts' balancing and of tuned.

Sources: systemd.resource-control(5), systemctl(1) show, Linux Documentation/admin-guide/cgroup-v2.rst (cpuset.cpus.effective, memory.min),
Documentation/ABI/testing/sysfs-bus-pci (driver, sriov_numvfs), Documentation/scheduler/sched-deadline.rst (fair_server).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from vmspec.base.provenance import Path
from vmspec.deploy.facts.system import Gathered
from vmspec.deploy.probes.boot import pages
from vmspec.deploy.probes.probe import Probe, Shown, cpus_or_none
from vmspec.deploy.probes.threads import kernel_threads, seen_threads
from vmspec.emit.host import hugepages
from vmspec.emit.host.file import HostFile
from vmspec.emit.host.systemd import ABOVE_VCPUS, isolated
from vmspec.lower.fleet import HostObject
from vmspec.model.kind import parse_cpus
from vmspec.model.value import CpuSet

GROUPS = "sys/fs/cgroup"
MOUNTS = "proc/mounts"
ACTIVE = "etc/tuned/active_profile"
FilesProbes = Callable[[HostObject, HostFile, Shown], Iterator[Probe]]


def group(name: str) -> FilesProbes:
    """A slice or scope: its CPUs and the memory that it keeps."""

    def probes(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
        for entry in file.entries:
            match entry.name:
                case "AllowedCPUs":
                    yield _group_cpus(name, entry.value, entry.paths, file, show)
                case "MemoryMin":
                    at = f"{GROUPS}/{name}/memory.min"
                    yield Probe(
                        paths=entry.paths,
                        what=f"bytes kept for {name}",
                        meant=str(int(entry.value) // PAGE * PAGE),
                        read=lambda seen, at=at: seen.first(at),  # type: ignore[misc]
                        look=(f"F {at}",),
                        file=file.target,
                    )

    return probes


PAGE = 4096
"""Bytes; the kernel keeps whole pages (mm/page_counter.c)."""


def _group_cpus(name: str, value: str, paths: tuple[Path, ...], file: HostFile, show: Shown) -> Probe:
    at = f"{GROUPS}/{name}/cpuset.cpus.effective"
    meant = parse_cpus(value.replace(" ", ",")) or CpuSet()
    return Probe(
        paths=paths,
        what=f"{name} on CPUs",
        meant=show(meant) or "none",
        read=lambda seen: cpus_or_none(show, seen.cpus(at)),
        look=(f"F {at}",),
        file=file.target,
    )


def unit(name: str, meant: str = "active") -> FilesProbes:
    """Whether it did its work; a unit that a host has not is inactive."""

    def probes(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
        paths = tuple(path for entry in file.entries for path in entry.paths)

        def read(seen: Gathered) -> str | None:
            found = _shown_unit(seen, name)
            return None if found is None else found.get("ActiveState", "inactive")

        yield Probe(paths=paths, what=f"unit {name}", meant=meant, read=read, look=(f"U {name}",), file=file.target)

    return probes


def _shown_unit(seen: Gathered, name: str) -> dict[str, str] | None:
    """The properties that `systemctl show` printed of it; units are parted by an empty line."""
    found: dict[str, str] = {}
    for line in (*seen.said.get("units", ()), ""):
        key, equals, value = line.partition("=")
        if equals:
            found[key] = value
        elif found.get("Id") == name:
            return found
        else:
            found = {}
    return None


def mount(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    def read(seen: Gathered) -> str | None:
        lines = [line.split() for line in seen.files.get(MOUNTS, ())]
        if not lines:
            return None
        found = next((line for line in lines if line[1:3] == ["/dev/hugepages1G", "hugetlbfs"]), None)
        return "not there" if found is None else "there" if "pagesize=1024M" in found[3].split(",") else f"there with {found[3]}"

    paths = tuple(path for entry in file.entries for path in entry.paths)
    yield Probe(paths=paths, what="mount of 1 GiB pages", meant="there", read=read, look=(f"F {MOUNTS}",), file=file.target)


def late_pages(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    for each in hugepages.later(host):
        if each.size >= hugepages.GIB:
            yield pages(each, file.target, boot=False)


def banned(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    """What the process was given, whatever file it came from."""
    entry = file.entries[0]

    def read(seen: Gathered) -> str | None:
        if "irqbalance" not in seen.said:
            return "not running"
        given = dict(line.partition("=")[::2] for line in seen.said["irqbalance"])
        return given.get("IRQBALANCE_BANNED_CPULIST") if given else None

    yield Probe(
        paths=entry.paths, what="CPUs that irqbalance leaves alone", meant=entry.value, read=read, rehearsed=False, file=file.target
    )


def realtime(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    cpus, _ = isolated(host)
    paths = tuple(path for entry in file.entries for path in entry.paths)
    meant = f"fifo {ABOVE_VCPUS}"

    def priorities(seen: Gathered) -> str | None:
        own = re.compile(r"(?:ksoftirqd|ktimers)/([0-9]+)")
        found = [each for each in kernel_threads(seen) if (match := own.fullmatch(each.name)) and int(match[1]) in cpus]
        wrong = [f"{each.name} {each.schedule}" for each in found if each.schedule != meant]
        return None if not found else ", ".join(wrong) or meant

    yield Probe(paths=paths, what="threads of soft interrupts on isolated CPUs", meant=meant, read=priorities, file=file.target)
    folder = "sys/kernel/debug/sched"
    places = {cpu: [f"{folder}/{name}/cpu{cpu}/runtime" for name in ("fair_server", "ext_server")] for cpu in cpus}

    def servers(seen: Gathered) -> str | None:
        found = {cpu: seen.first(at) for cpu, several in places.items() for at in several if at in seen.files}
        return None if not found else ", ".join(f"{found[cpu]} ns of CPU {cpu}" for cpu in found if found[cpu] != "0") or "off"

    look = tuple(f"F {at}" for several in places.values() for at in several)
    yield Probe(paths=paths, what="fair server of isolated CPUs", meant="off", read=servers, look=look, file=file.target)


def in_slice(name: str) -> FilesProbes:
    def probes(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
        entry = file.entries[0]

        def read(seen: Gathered) -> str | None:
            found = _shown_unit(seen, name)
            return found.get("Slice") or None if found is not None and found.get("ActiveState") == "active" else None

        yield Probe(
            paths=entry.paths, what=f"slice of {name}", meant=entry.value, read=read, look=(f"U {name}",), boot=True, file=file.target
        )

    return probes


def polling(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    """The CPUs of the slice, and those that the poll threads are pinned to."""
    entry = file.entries[0]
    if entry.value:
        yield _group_cpus("ovs.slice", entry.value, entry.paths, file, show)
    cpus = host.spec.switch.cpus if host.spec.switch is not None else None
    if cpus:

        def read(seen: Gathered) -> str | None:
            threads = seen_threads(seen, "switch")
            return show(CpuSet().union(each.cpus for each in threads)) if threads else None

        yield Probe(paths=(("switch", "cpus"),), what="poll threads on CPUs", meant=show(cpus), read=read, file=file.target)


def functions(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    for nic in sorted(host.spec.nic, key=lambda nic: nic.label):
        if nic.vfs:
            at = f"sys/bus/pci/devices/{nic.address}/sriov_numvfs" if nic.address else f"sys/class/net/{nic.label}/device/sriov_numvfs"
            yield Probe(
                paths=(("nic", nic.label, "vfs"),),
                what=f"virtual functions of {nic.label}",
                meant=str(nic.vfs),
                read=lambda seen, at=at: seen.first(at) or "no such card",  # type: ignore[misc]
                look=(f"F {at}",),
                boot=True,
                rehearsed=False,
                file=file.target,
            )


def drivers(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    for address in sorted(host.spec.vfio or ()):
        at = f"sys/bus/pci/devices/{address}"

        def read(seen: Gathered, at: str = at) -> str:
            return (seen.links.get(f"{at}/driver", "").rpartition("/")[2] or "none") if at in seen.there else "no such device"

        look = (f"E {at}", f"L {at}/driver")
        yield Probe(
            paths=(("vfio",),),
            what=f"driver of {address}",
            meant="vfio-pci",
            read=read,
            look=look,
            boot=True,
            rehearsed=False,
            file=file.target,
        )


def profile(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    yield Probe(
        paths=(("tuned",),),
        what="profile of tuned",
        meant="vmspec",
        read=lambda seen: seen.first(ACTIVE),
        look=(f"F {ACTIVE}",),
        file=file.target,
    )

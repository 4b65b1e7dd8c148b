"""etc/tmpfiles.d/vmspec.conf: switches below /sys, written while the host starts by `w` lines (tmpfiles.d(5))."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.emit.host import hugepages, systemd
from vmspec.emit.host.file import OURS, ROOT, FileEntry, HostFile, lines
from vmspec.lower.fleet import HostObject
from vmspec.lower.hosttext import sysfs_path, sysfs_value

KSM = "/sys/kernel/mm/ksm"


def emit(host: HostObject) -> HostFile | None:
    found = switches(host)
    if not found:
        return None
    text = lines(f"# {OURS}", [f"w {where} - - - - {value}" for where, value, _ in found])
    entries = tuple(FileEntry(where, (path,), value) for where, value, path in found)
    path = f"{ROOT}etc/tmpfiles.d/vmspec.conf"
    return HostFile(path, text, entries, "switches below /sys", ("systemd-tmpfiles --create /etc/tmpfiles.d/vmspec.conf",))


def switches(host: HostObject) -> list[tuple[str, str, Path]]:
    """Path, text, and the host's value that it follows from, in the order in which they are written."""
    return [*_own(host), *_pages(host), *_by_hand(host)]


def _own(host: HostObject) -> Iterator[tuple[str, str, Path]]:
    """A governor is each CPU's own, so the pattern names them all. KSM's `merge_across_nodes` can change only while it is off, so `run`
    is last (Linux Documentation/admin-guide/mm/ksm.rst)."""
    if host.spec.transparent_hugepage is not None:
        yield "/sys/kernel/mm/transparent_hugepage/enabled", host.spec.transparent_hugepage, ("transparent-hugepage",)
    if host.spec.governor is not None:
        yield "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor", host.spec.governor, ("governor",)
    for cpu in systemd.isolated(host)[0] if host.spec.wake_latency is not None else ():
        yield f"/sys/devices/system/cpu/cpu{cpu}/power/pm_qos_resume_latency_us", str(host.spec.wake_latency), ("wake-latency",)
    ksm = host.spec.ksm
    if ksm is None:
        return
    if ksm.merge_across_nodes is not None:
        yield f"{KSM}/merge_across_nodes", str(int(ksm.merge_across_nodes)), ("ksm", "merge-across-nodes")
    if ksm.pages_to_scan is not None:
        yield f"{KSM}/pages_to_scan", str(ksm.pages_to_scan), ("ksm", "pages-to-scan")
    if ksm.sleep is not None:
        yield f"{KSM}/sleep_millisecs", str(ksm.sleep), ("ksm", "sleep")
    if ksm.run is not None:
        # 2 takes apart what is merged, 0 would leave it (Documentation/admin-guide/mm/ksm.rst).
        yield f"{KSM}/run", "1" if ksm.run else "2", ("ksm", "run")


def _pages(host: HostObject) -> Iterator[tuple[str, str, Path]]:
    """Pages below 1 GiB; gigantic ones that are not on the command line have a unit of their own."""
    return ((p.sysfs, str(p.number), p.path) for p in hugepages.later(host) if p.size < hugepages.GIB)


def _by_hand(host: HostObject) -> Iterator[tuple[str, str, Path]]:
    for name, value in sorted(host.spec.sysfs.items()):
        where, text = sysfs_path(name), sysfs_value(name, value)
        if where is not None and isinstance(text, str):
            yield where, text, ("sysfs", name)

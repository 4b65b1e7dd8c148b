"""A slice of its own for Open vSwitch: its poll threads run on CPUs that the host's other services may not use.

Sources: systemd.resource-control(5) AllowedCPUs= and Slice=; the units of Open vSwitch 3.1 (ovs-vswitchd.service, ovsdb-server.service),
which Debian, Ubuntu and Red Hat share; Open vSwitch Documentation/topics/dpdk/pmd.rst.
"""

from __future__ import annotations

from collections.abc import Callable

from vmspec.emit.host.file import OURS, FileEntry, HostFile, lines
from vmspec.emit.host.systemd import RELOAD, UNITS
from vmspec.lower.fleet import HostObject
from vmspec.model.value import CpuSet

PATHS = (("switch", "cpus"), ("reserve", "cpus"))
GIB = 1 << 30


def slice_(host: HostObject) -> HostFile | None:
    """Beside system.slice, not below it: a slice has no CPU that the one above it lacks."""
    polling = _polling(host)
    if not polling:
        return None
    kept = host.spec.reserve.cpus if host.spec.reserve is not None else None
    allowed = polling | kept if kept else None
    text = lines(
        f"# {OURS}",
        f"# Its poll threads: ovs-vsctl set Open_vSwitch . other_config:pmd-cpu-mask={polling.bits:#x}{_memory(host, polling)}",
        "[Unit]",
        "Description=Open vSwitch and its poll threads",
        "Before=slices.target",
        "",
        "[Slice]",
        [f"AllowedCPUs={allowed}"] if allowed else [],
    )
    entry = FileEntry("AllowedCPUs", PATHS, str(allowed or ""))
    return HostFile(f"{UNITS}/ovs.slice", text, (entry,), "slice of the switch, with its poll CPUs", (RELOAD,), (RELOAD,), reboot=True)


def service(unit: str) -> Callable[[HostObject], HostFile | None]:
    def emit(host: HostObject) -> HostFile | None:
        if not _polling(host):
            return None
        text = lines(f"# {OURS}", "[Service]", "Slice=ovs.slice")
        return HostFile(
            f"{UNITS}/{unit}.d/90-vmspec.conf",
            text,
            (FileEntry("Slice", PATHS[:1], "ovs.slice"),),
            f"{unit} in the switch's slice",
            (RELOAD,),
            (RELOAD,),
            reboot=True,
        )

    return emit


def _polling(host: HostObject) -> CpuSet:
    return host.spec.switch.cpus or CpuSet() if host.spec.switch is not None else CpuSet()


def _memory(host: HostObject, polling: CpuSet) -> str:
    """`dpdk-socket-mem` is in MiB, a number for each node in order."""
    memory = host.spec.switch.memory if host.spec.switch is not None else None
    nodes = sorted((node for node in host.spec.numa if node.label.isdigit()), key=lambda node: int(node.label))
    if not memory or not nodes:
        return ""
    numbers = [str(-(-memory // GIB) * 1024 if node.cpus and node.cpus & polling else 0) for node in nodes]
    return f" other_config:dpdk-socket-mem={','.join(numbers)}"

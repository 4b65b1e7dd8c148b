"""etc/sysctl.d/90-vmspec.conf: kernel parameters below /proc/sys."""

from __future__ import annotations

from vmspec.emit.host.file import OURS, ROOT, FileEntry, HostFile, lines
from vmspec.lower.fleet import HostObject
from vmspec.lower.hosttext import sysctl_value

MAY_BE_ABSENT = (
    *("net.bridge.", "net/bridge/", "net.netfilter.", "net/netfilter/"),
    *("kernel.numa_balancing", "kernel.nmi_watchdog", "vm.unprivileged_userfaultfd"),
)
"""Parameters that are there only once a module is loaded, that PREEMPT_RT leaves out, or that fail without hardware for them (the NMI
watchdog needs a PMU; seen on Linux 6.1-rt): a `-` before the name lets that pass (sysctl.d(5))."""


def emit(host: HostObject) -> HostFile | None:
    texts = {name: sysctl_value(name, value) for name, value in sorted(host.spec.sysctl.items())}
    settings = [f"{'-' if name.startswith(MAY_BE_ABSENT) else ''}{name} = {text}" for name, text in texts.items() if isinstance(text, str)]
    if not settings:
        return None
    entries = tuple(FileEntry(name, (("sysctl", name),), str(text)) for name, text in texts.items())
    path = f"{ROOT}etc/sysctl.d/90-vmspec.conf"
    return HostFile(
        path,
        lines(f"# {OURS}", settings),
        entries,
        "kernel parameters",
        ("sysctl --load=/etc/sysctl.d/90-vmspec.conf",),
        ("sysctl --system",),
    )

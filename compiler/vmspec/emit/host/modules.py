"""etc/modules-load.d/vmspec.conf: kernel modules to load while the host starts (modules-load.d(5))."""

from __future__ import annotations

from vmspec.emit.host.file import OURS, ROOT, FileEntry, HostFile, lines
from vmspec.lower.fleet import HostObject


def emit(host: HostObject) -> HostFile | None:
    names = sorted(host.spec.modules or ())
    if not names:
        return None
    entries = tuple(FileEntry(name, (("modules",),)) for name in names)
    after = ("systemctl restart systemd-modules-load.service",)
    return HostFile(f"{ROOT}etc/modules-load.d/vmspec.conf", lines(f"# {OURS}", names), entries, "kernel modules to load", after)

"""etc/modprobe.d/vmspec.conf: parameters of kernel modules, from the next time that each is loaded."""

from __future__ import annotations

from vmspec.emit.host.file import OURS, ROOT, FileEntry, HostFile, lines
from vmspec.lower.fleet import HostObject
from vmspec.lower.hosttext import parameter_value


def emit(host: HostObject) -> HostFile | None:
    texts = {name: parameter_value(name, value) for name, value in sorted(host.spec.modprobe.items())}
    options = [f"options {' '.join(name.split('.', 1))}={text}" for name, text in texts.items() if isinstance(text, str)]
    if not options:
        return None
    entries = tuple(FileEntry(name, (("modprobe", name),), str(text)) for name, text in texts.items())
    return HostFile(f"{ROOT}etc/modprobe.d/vmspec.conf", lines(f"# {OURS}", options), entries, "parameters of kernel modules", reboot=True)

"""etc/modprobe.d/vmspec.conf: parameters of kernel modules, from the next time that each is loaded."""

from __future__ import annotations

from vmspec.build.fleet import HostObject
from vmspec.build.hosttext import parameter_value
from vmspec.emit.host.file import OURS, ROOT, Entry, HostFile, lines


def emit(host: HostObject) -> HostFile | None:
    texts = {name: parameter_value(name, value) for name, value in sorted(host.spec.modprobe.items())}
    options = [f"options {' '.join(name.split('.', 1))}={text}" for name, text in texts.items() if isinstance(text, str)]
    if not options:
        return None
    entries = tuple(Entry(name, (("modprobe", name),), str(text)) for name, text in texts.items())
    return HostFile(f"{ROOT}etc/modprobe.d/vmspec.conf", lines(f"# {OURS}", options), entries, "parameters of kernel modules", reboot=True)

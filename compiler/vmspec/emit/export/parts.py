"""The files of a host sorted by what reads them, for systems that have a place of their own for each."""

from __future__ import annotations

import re

from vmspec.base.record import record, replace
from vmspec.emit.host import host_files
from vmspec.emit.host.cmdline import arguments
from vmspec.lower.fleet import HostObject
from vmspec.model.value import Symbol

UNITS = "/etc/systemd/system/"
LOADERS = ("/etc/default/", "/etc/tuned/", "/etc/initramfs-tools/", "/etc/dracut.conf.d/")
"""What hands arguments to a boot loader or makes an initramfs: the system that is written for does that itself."""


@record(frozen=True, slots=True)
class HostParts:
    """`arguments` are the kernel's, each one; `files` have their mode; `units` and `drop_ins` are texts by the name of the unit."""

    arguments: tuple[str, ...]
    files: tuple[tuple[str, int, str], ...]
    units: tuple[tuple[str, str], ...]
    drop_ins: tuple[tuple[str, str], ...]


def parts(host: HostObject, system: str) -> HostParts:
    """As for a host of that `os` whose arguments nobody else owns. The kind of a file's content decides its mode."""
    bare = replace(host, spec=host.spec.but(tuned=None, bootloader=Symbol("other"), os=Symbol(system)))
    made = [(file.target, file.text) for file in host_files(bare) if file.target is not None]
    files, units, drop_ins = [], [], []
    for path, text in made:
        drop_in = re.fullmatch(rf"{UNITS}([^/]+)\.d/[^/]+\.conf", path)
        if drop_in:
            drop_ins.append((drop_in[1], text))
        elif path.startswith(UNITS):
            units.append((path.removeprefix(UNITS), text))
        elif not path.startswith(LOADERS):
            files.append((path, 0o755 if text.startswith("#!") else 0o644, text))
    return HostParts(tuple(text for text, _ in arguments(bare)), tuple(files), tuple(units), tuple(drop_ins))

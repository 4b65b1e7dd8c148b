"""Firmware variables in a file that belongs to a package."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from vmspec.base.provenance import Path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.boot import Nvram, NvramFile
from vmspec.model.domain import Domain


@rule(4614, "nvram-is-template", phase=Phase.RUNTIME)
def nvram_is_template(vm: Domain) -> Iterator[Finding]:
    """
    What: The file of a guest's firmware variables is the template that it is to be copied from, the loader, or a file of a package.
    Why: The guest writes its boot entries and keys into it, for every other guest that is made from the template, and the package's next
        update takes them away. What lies below /usr/share is the distribution's to write, and is shared (Filesystem Hierarchy Standard
        3.0, 4.11); libvirt 9.0.0 accepts it and gives the file to QEMU's user.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          firmware {
            loader = "/usr/share/OVMF/OVMF_CODE_4M.fd"; loader-type = pflash; loader-readonly = true
            nvram.path = "/usr/share/OVMF/OVMF_VARS_4M.fd"
          }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          firmware {
            loader = "/usr/share/OVMF/OVMF_CODE_4M.fd"; loader-type = pflash; loader-readonly = true
            nvram.template = "/usr/share/OVMF/OVMF_VARS_4M.fd"
          }
        }
    """
    own = vm.firmware
    found = None if own is None or own.nvram is None else _file(own.nvram)
    if own is None or own.nvram is None or found is None:
        return
    at, path = found
    if own.nvram.template and normpath(own.nvram.template) == path:
        what = "is the template that it is copied from"
    elif own.loader and normpath(own.loader) == path:
        what = "is the loader"
    elif path.startswith("/usr/share/"):
        what = "is a package's, which guests are made from"
    else:
        return
    yield Finding(
        ("firmware", "nvram", *at),
        f"the guest's firmware variables would be written into {path}, which {what}",
        help="name it as nvram.template, and leave the path to libvirt or give the guest a file of its own",
    )


def _file(nvram: Nvram) -> tuple[Path, str] | None:
    """Where the file is named, and its path without detours."""
    if nvram.path:
        return ("path",), normpath(nvram.path)
    if isinstance(nvram.source, NvramFile) and nvram.source.path:
        return ("source",), normpath(nvram.source.path)
    return None

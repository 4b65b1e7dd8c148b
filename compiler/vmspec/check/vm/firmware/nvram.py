"""Firmware variables and their templates."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.boot import Nvram, NvramFile
from vmspec.model.domain import Domain


@rule(4605, "stateless-nvram", phase=Phase.DEFINE, needs="firmware.stateless")
def stateless_nvram(vm: Domain) -> Iterator[Finding]:
    """
    What: `stateless = true` with nvram; or `stateless = false` for a firmware without variables.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefOSValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: NVRAM is not permitted when loader is stateless.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true
          firmware { type = efi; stateless = true; nvram { path = "/srv/a.fd" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true
          firmware { type = efi; nvram { path = "/srv/a.fd" } }
        }
    """
    firmware = vm.firmware
    if firmware is None:
        return
    nvram = firmware.nvram
    named = nvram is not None and (nvram.path or nvram.template or nvram.source)
    if firmware.stateless and named:
        yield Finding(
            ("firmware", "nvram"), "a stateless firmware keeps no variables", labels=((("firmware", "stateless"), "stateless here"),)
        )
    elif firmware.stateless is False and (
        firmware.type == "bios" or (firmware.type is None and firmware.loader and firmware.loader_type != "pflash")
    ):
        yield Finding(("firmware", "stateless"), "only UEFI firmware keeps variables", until="11.4.0")


@rule(4606, "bios-nvram", phase=Phase.DEFINE, needs="firmware.nvram")
def bios_nvram(vm: Domain) -> Iterator[Finding]:
    """
    What: `firmware.type = bios` with nvram.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefOSValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: firmware type 'bios' does not support nvram.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; firmware { type = bios; nvram { path = "/srv/a.fd" } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; firmware { type = bios } }
    """
    firmware = vm.firmware
    if firmware is not None and firmware.type == "bios" and firmware.nvram is not None and (firmware.nvram.path or firmware.nvram.source):
        yield Finding(("firmware", "nvram"), "a BIOS has no nvram", labels=((("firmware", "type"), "a BIOS"),))


@rule(4614, "nvram-is-template", phase=Phase.RUNTIME, needs="firmware.nvram")
def nvram_is_template(vm: Domain) -> Iterator[Finding]:
    """
    What: The file of a guest's firmware variables is the template that it is to be copied from, the loader, or a file of a package.
    Why: The guest writes its boot entries and keys into it, for every other guest that is made from the template, and the package's next
        update takes them away. What lies below /usr/share is the distribution's to write, and is shared (Filesystem Hierarchy Standard
        3.0, 4.11); libvirt 9.0.0 accepts it and gives the file to QEMU's user.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true
          firmware {
            loader = "/usr/share/OVMF/OVMF_CODE_4M.fd"; loader-type = pflash; loader-readonly = true
            nvram.path = "/usr/share/OVMF/OVMF_VARS_4M.fd"
          }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true
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


PACKAGED = ("/usr/share/OVMF/", "/usr/share/AAVMF/", "/usr/share/edk2/", "/usr/share/edk2-ovmf/", "/usr/share/qemu/", "/usr/share/ovmf/")
"""Where Debian, Fedora, SUSE, Arch and QEMU itself install loaders with descriptors or with libvirt's built-in pairs of files."""


@rule(4615, "nvram-template-unknown", phase=Phase.START, severity=Severity.WARNING, needs="firmware.loader")
def template_unknown(vm: Domain) -> Iterator[Finding]:
    """
    What: A loader in flash that no package has, with variables that are made from nothing that is named.
    Why: libvirt makes a guest's file of variables from the template that belongs to the loader: its built-in pairs, those of qemu.conf
        (`nvram`), the firmware descriptors. For any other loader the start fails (qemuPrepareNVRAM, src/qemu/qemu_process.c 9.0.0:
        "unable to find any master var store for loader").
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true
          firmware { loader = "/opt/edk2/CODE.fd"; loader-type = pflash; loader-readonly = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true
          firmware { loader = "/opt/edk2/CODE.fd"; loader-type = pflash; loader-readonly = true; nvram.template = "/opt/edk2/VARS.fd" }
        }
    """
    own = vm.firmware
    if own is None or not own.loader or own.type is not None or own.loader_type != "pflash":
        return
    named = own.nvram is not None and (own.nvram.template or own.nvram.path or own.nvram.source)
    if own.stateless or not own.loader_readonly or named or own.varstore or own.varstore_template:
        return
    if not normpath(own.loader).startswith(PACKAGED):
        yield Finding(
            ("firmware", "loader"),
            f"nothing says which template of variables belongs to the loader {own.loader}",
            help="name it as firmware.nvram.template, say stateless = true, or add the pair to nvram in the host's qemu.conf",
        )

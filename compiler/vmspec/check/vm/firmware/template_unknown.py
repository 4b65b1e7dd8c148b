"""A loader whose variables have no template."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain

PACKAGED = ("/usr/share/OVMF/", "/usr/share/AAVMF/", "/usr/share/edk2/", "/usr/share/edk2-ovmf/", "/usr/share/qemu/", "/usr/share/ovmf/")
"""Where Debian, Fedora, SUSE, Arch and QEMU itself install loaders with descriptors or with libvirt's built-in pairs of files."""


@rule(4615, "nvram-template-unknown", phase=Phase.START, severity=Severity.WARNING)
def template_unknown(vm: Domain) -> Iterator[Finding]:
    """
    What: A loader in flash that no package has, with variables that are made from nothing that is named.
    Why: libvirt makes a guest's file of variables from the template that belongs to the loader: its built-in pairs, those of qemu.conf
        (`nvram`), the firmware descriptors. For any other loader the start fails (qemuPrepareNVRAM, src/qemu/qemu_process.c 9.0.0:
        "unable to find any master var store for loader").
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          firmware { loader = "/opt/edk2/CODE.fd"; loader-type = pflash; loader-readonly = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
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

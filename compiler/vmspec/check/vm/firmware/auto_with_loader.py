"""A firmware chosen twice."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4601, "auto-with-loader", phase=Phase.DEFINE)
def auto_with_loader(vm: Domain) -> Iterator[Finding]:
    """
    What: `firmware.type` is set together with a loader, its type, `loader-readonly`, `loader-secure = false` or an nvram template.
    Why: With `firmware.type` libvirt chooses the files by their descriptors, and 9.0.0 refuses these attributes at define
    (virDomainDefOSValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: loader attribute 'type' cannot be specified when firmware autoselection is
    enabled.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          firmware { type = efi; loader = "/usr/share/OVMF/OVMF_CODE_4M.fd" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          firmware { type = efi }
        }
    """
    firmware = vm.firmware
    if firmware is None or firmware.type is None:
        return
    given = {
        "loader": firmware.loader,
        "loader-type": firmware.loader_type,
        "loader-readonly": firmware.loader_readonly or None,
        "loader-secure": True if firmware.loader_secure is False else None,
    }
    for name, value in given.items():
        if value:
            yield Finding(
                ("firmware", name),
                f"libvirt chooses the {firmware.type} firmware itself, and refuses {name} beside it",
                labels=((("firmware", "type"), "chosen here"),),
            )
    if firmware.nvram is not None and firmware.nvram.template:
        yield Finding(
            ("firmware", "nvram", "template"),
            "libvirt chooses the nvram template together with the firmware",
            labels=((("firmware", "type"), "chosen here"),),
        )

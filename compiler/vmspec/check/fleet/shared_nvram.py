"""Firmware variables of two guests."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm


@rule(6004, "shared-nvram", phase=Phase.FLEET)
def shared_nvram(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host keep their firmware variables in one file.
    Why: Each writes its boot entries over the other's; libvirt accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 1
          machine = q35
          features.acpi = true
          firmware { type = efi; nvram { path = "/srv/x.fd" } }
        }
        vm b {
          memory.size = 1GiB
          cpu.count = 1
          machine = q35
          features.acpi = true
          firmware { type = efi; nvram { path = "/srv/x.fd" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 1
          machine = q35
          features.acpi = true
          firmware { type = efi; nvram { path = "/srv/a.fd" } }
        }
        vm b {
          memory.size = 1GiB
          cpu.count = 1
          machine = q35
          features.acpi = true
          firmware { type = efi; nvram { path = "/srv/b.fd" } }
        }
    """
    seen: dict[tuple[str | None, str], Vm] = {}
    for vm in fleet.vms:
        firmware = vm.spec.firmware
        path = firmware.nvram.path if firmware is not None and firmware.nvram is not None else None
        if path:
            first = seen.setdefault((vm.host, path), vm)
            if first is not vm:
                yield Finding(
                    ("firmware", "nvram", "path"),
                    f"{first.name} and {vm.name} both keep their firmware variables in {path}",
                    others=((first, ("firmware", "nvram", "path"), "the first"),),
                    of=vm,
                )

"""A guest that cannot leave its device."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.network import HostdevSource, HostdevUsbSource
from vmspec.model.domain import Domain


@rule(4921, "hostdev", phase=Phase.RUNTIME)
def hostdev(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` for a VM with a PCI or mediated host device that is no transient part of a team.
    Why: The device's state cannot be copied; libvirt 9.0.0 refuses the migration (qemuMigrationSrcIsAllowed, src/qemu/qemu_migration.c). A
    transient one is unplugged first.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
        }
    """
    if vm.migration is None or not vm.migration.allowed:
        return
    for device in vm.hostdev:
        if device.teaming is None or device.teaming.type != "transient":
            yield Finding(
                ("hostdev", device.label),
                f"hostdev {device.label} keeps the VM from migrating",
                labels=((("migration", "allowed"), "it shall migrate"),),
            )
    for card in vm.interface:
        if isinstance(card.source, (HostdevSource, HostdevUsbSource)) and (card.teaming is None or card.teaming.type != "transient"):
            yield Finding(
                ("interface", card.label),
                f"interface {card.label} keeps the VM from migrating",
                labels=((("migration", "allowed"), "it shall migrate"),),
            )

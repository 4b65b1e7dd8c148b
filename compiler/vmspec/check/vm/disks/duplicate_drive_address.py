"""Two disks at one place of a controller."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus, drive_place
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4352, "duplicate-drive-address", phase=Phase.DEFINE)
def duplicate_drive_address(vm: Domain) -> Iterator[Finding]:
    """
    What: Two disks of one bus have the same drive address.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefDuplicateDriveAddressesValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Found duplicate drive address for disk with target name
    'sda' controller='0' bus='0' target='0' unit='0'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; address = drive(0, 0, 0, 0) }
          disk sdb { source = block("/dev/vg0/b"); bus = sata; address = drive(0, 0, 0, 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; address = drive(0, 0, 0, 0) }
          disk sdb { source = block("/dev/vg0/b"); bus = sata; address = drive(0, 0, 0, 1) }
        }
    """
    seen: dict[tuple[str, int, int, int, int], str] = {}
    for disk in vm.disk:
        place = drive_place(disk)
        if place is None:
            continue
        key = (bus(disk), *place)
        first = seen.setdefault(key, disk.label)
        if first != disk.label:
            where = f"controller {key[1]}, bus {key[2]}, target {key[3]}, unit {key[4]}"
            yield Finding(
                ("disk", disk.label, "address"),
                f"{key[0]} disks {first} and {disk.label} are both at {where}",
                labels=((("disk", first, "address"), "the first"),),
            )

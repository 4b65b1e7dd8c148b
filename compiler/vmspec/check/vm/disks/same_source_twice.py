"""One image as two disks of a guest."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import identities
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.domain import Domain


@rule(4357, "same-source-twice", phase=Phase.START)
def same_source_twice(vm: Domain) -> Iterator[Finding]:
    """
    What: Two disks of one VM have the same image or device, and they are not both shareable or read-only.
    Why: QEMU locks images for writing, so the start fails ("Failed to get "write" lock", observed with libvirt 9.0.0 and QEMU 7.2); block
    devices are not locked and the guest destroys its own data.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: Failed to get "write" lock.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
          disk vdb { source = block("/dev/vg0/a") }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
          disk vdb { source = block("/dev/vg0/b") }
        }
    """
    if len(vm.disk) < 2:
        return
    seen: dict[tuple[object, ...], Disk] = {}
    for disk in vm.disk:
        keys = identities(disk)
        key = next((key for key in keys if key in seen), None)
        first = seen[key] if key is not None else disk
        seen.update((each, first) for each in keys if each not in seen)
        if key is not None and not all(d.shareable or d.readonly or d.device == "cdrom" for d in (first, disk)):
            yield Finding(
                ("disk", disk.label, "source"),
                f"disks {first.label} and {disk.label} are both {' '.join(str(k) for k in key[1:])}",
                labels=((("disk", first.label, "source"), "the first"),),
            )

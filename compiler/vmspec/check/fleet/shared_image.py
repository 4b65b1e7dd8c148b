"""One image in two guests."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import identity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm
from vmspec.model.show import show


@rule(6002, "shared-image", phase=Phase.FLEET)
def shared_image(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs that may run on one host write the same image, and it is not shareable.
    Why: Two guests that mount one file system destroy it. QEMU locks image files of one host, block devices it does not; libvirt accepts it
    at define.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/vg0/a") } }
        vm b { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/vg0/a") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/vg0/a") } }
        vm b { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/vg0/b") } }
    """
    seen: dict[tuple[object, ...], tuple[Vm, str, bool]] = {}
    for vm in fleet.vms:
        for disk in vm.spec.disk:
            key = identity(disk)
            if key is None or disk.source is None:
                continue
            local = key[0] in ("path", "nvme", "volume")
            key = (vm.host if local else None, *key)
            safe = bool(disk.shareable or disk.readonly or disk.transient or disk.device == "cdrom")
            first, label, first_safe = seen.setdefault(key, (vm, disk.label, safe))
            if first is not vm and not (safe and first_safe):
                yield Finding(
                    ("disk", disk.label, "source"),
                    f"{first.name} and {vm.name} both have {show(disk.source)}",
                    others=((first, ("disk", label, "source"), "the first"),),
                    help="set shareable = true in both only for a cluster file system",
                    of=vm,
                )

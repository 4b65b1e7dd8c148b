"""One image in two guests."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import identities
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
            keys = [(vm.host if key[0] in ("path", "nvme", "volume") else None, *key) for key in identities(disk)]
            if not keys or disk.source is None:
                continue
            safe = bool(disk.shareable or disk.readonly or disk.transient or disk.device == "cdrom")
            first, label, first_safe = next((seen[key] for key in keys if key in seen), (vm, disk.label, safe))
            for key in keys:
                seen.setdefault(key, (first, label, first_safe))
            if first is not vm and not (safe and first_safe):
                yield Finding(
                    ("disk", disk.label, "source"),
                    f"{first.name} and {vm.name} both have {show(disk.source)}",
                    others=((first, ("disk", label, "source"), "the first"),),
                    help="set shareable = true in both only for a cluster file system",
                    of=vm,
                )

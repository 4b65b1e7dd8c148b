"""One device of the host in two guests."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.hostdevs import card_identity, host_identity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm


@rule(6005, "hostdev-twice", phase=Phase.FLEET)
def hostdev_twice(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host have the same host device.
    Why: The second does not start while the first runs ("PCI device … is in use by driver QEMU, domain …", virHostdevPreparePCIDevices,
    src/hypervisor/virhostdev.c 9.0.0).
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
        vm b { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
        vm b { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3c:00.0); managed = true } }
    """
    seen: dict[tuple[object, ...], tuple[Vm, Path]] = {}
    for vm in fleet.vms:
        if vm.host is None:
            continue
        for path, key in _held(vm):
            first, there = seen.setdefault((vm.host, *key), (vm, path))
            if first is not vm:
                yield Finding(
                    path,
                    f"{first.name} and {vm.name} both have this device of {vm.host}",
                    others=((first, there, "the first"),),
                    of=vm,
                )


def _held(vm: Vm) -> Iterator[tuple[Path, tuple[object, ...]]]:
    for device in vm.spec.hostdev:
        if (key := host_identity(device)) is not None:
            yield ("hostdev", device.label, "source"), key
    for card in vm.spec.interface:
        if (key := card_identity(card)) is not None:
            yield ("interface", card.label, "source"), key

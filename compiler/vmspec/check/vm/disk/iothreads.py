"""Disks whose queues several I/O threads serve."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.queries.iothread_maps import unmapped
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.domain import Domain


@rule(4369, "disk-iothread-map", phase=Phase.DEFINE, needs="iothread_map")
def iothread_map(disk: Disk, vm: Domain) -> Iterator[Finding]:
    """
    What: Several I/O threads are given to a disk that is not on bus virtio, one of them does not exist, or queues are dealt out by hand
    and not each of the `queues` to exactly one of them.
    Why: libvirt 11.3.0 refuses it at define (qemuDomainValidateIothreadMapping and qemuValidateDomainDeviceDefDiskIOThreads,
    src/qemu/qemu_validate.c).
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 4
          iothread 1 { }
          iothread 2 { }
          disk vda { source = block("/dev/vg0/a"); queues = 2; iothread-map 1 { queues = [0] }; iothread-map 2 { queues = [0] } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 4
          iothread 1 { }
          iothread 2 { }
          disk vda { source = block("/dev/vg0/a"); queues = 2; iothread-map 1 { queues = [0] }; iothread-map 2 { queues = [1] } }
        }
    """
    if not disk.iothread_map:
        return
    path = ("disk", disk.label)
    if bus(disk) != "virtio":
        said = f"a disk on bus {bus(disk)} has no iothreads of its own"
        yield Finding((*path, "iothread-map", disk.iothread_map[0].label), said, help="use bus = virtio")
    else:
        yield from unmapped(path, disk, vm)

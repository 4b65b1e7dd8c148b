"""Which I/O threads serve which queues of a disk or controller."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import iothread_ids
from vmspec.check.rule import Finding
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.disk import Disk
from vmspec.model.domain import Domain

MOST_QUEUES = 1024
"""Of a virtio device (VIRTIO_QUEUE_MAX, include/hw/virtio/virtio.h of QEMU 7.2)."""


def unmapped(path: Path, device: Disk | Controller, vm: Domain) -> Iterator[Finding]:
    """What is wrong with the I/O threads that are dealt to the queues of a device (qemuDomainValidateIothreadMapping,
    src/qemu/qemu_validate.c 11.3.0)."""
    have, count = iothread_ids(vm), device.queues or 0
    taken: set[int] = set()
    by_hand = bool(device.iothread_map[0].queues)
    for thread in device.iothread_map:
        here = (*path, "iothread-map", thread.label)
        if thread.label.isdigit() and int(thread.label) not in have:
            yield Finding(here, f"iothread {thread.label} does not exist")
        elif by_hand != bool(thread.queues):
            yield Finding(here, "queues are given to all iothreads, or to none")
        elif by_hand and not count:
            yield Finding(here, f"{path[0]} {path[1]} does not say how many queues it has", help="set queues")
            return
        for queue in thread.queues:
            if queue >= count:
                yield Finding((*here, "queues"), f"there is no queue {queue}: there are {count}, counted from 0")
            elif queue in taken:
                yield Finding((*here, "queues"), f"queue {queue} has an iothread already")
            taken.add(queue)
    left = [str(queue) for queue in range(min(count, MOST_QUEUES)) if queue not in taken]
    if by_hand and left:
        yield Finding((*path, "iothread-map", device.iothread_map[-1].label), f"no iothread serves queue {', '.join(left)}")

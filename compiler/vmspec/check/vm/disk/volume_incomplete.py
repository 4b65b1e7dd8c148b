"""A volume that is named without its pool, or a pool without a volume."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import VolumeSource


@rule(4365, "disk-volume-incomplete", phase=Phase.DEFINE)
def volume_incomplete(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk is on a volume of libvirt, and only one of pool and volume is said. One name without quotes is a volume of the program,
    which knows its pool; one in quotes is a pool.
    Why: libvirt finds a volume by both (virDomainStorageSourceParse, src/conf/domain_conf.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: 'pool' and 'volume' must be specified together for 'pool' type source.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = volume("a.qcow2") }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = volume("default", "a.qcow2") }
        }
    """
    source = disk.source
    if not isinstance(source, VolumeSource) or source.raw or bool(source.pool) == bool(source.volume):
        return
    name, what = (source.pool, "volume") if source.pool else (source.volume, "pool")
    yield Finding(
        ("disk", disk.label, "source"),
        f"disk {disk.label} has no {what}: `{name}` is read as the {'pool' if what == 'volume' else 'volume'}",
        help=f'write volume("POOL", "{name}"), or volume(NAME) of a volume that the program declares',
    )

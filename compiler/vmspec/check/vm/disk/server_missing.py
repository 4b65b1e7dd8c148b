"""Network storage without a server."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage_net import Hosts, NfsSource, TftpSource
from vmspec.model.domain import Domain


@rule(4368, "disk-server-missing", phase=Phase.START)
def server_missing(disk: Disk, vm: Domain) -> Iterator[Finding]:
    """
    What: A disk on the network, or what lies below it, does not say on which server: nbd, iscsi, http, gluster and others without `hosts`.
    Only rbd takes its monitors from Ceph's own configuration.
    Why: libvirt's schema wants a host (domaincommon.rng 9.0.0, diskSourceNetworkProtocol…); without it define passes unless it is asked
    to validate, and the disk cannot be opened.
    Observed: libvirt 9.0.0, QEMU 7.2: define takes nbd() without a host, define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = nbd("export") }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = nbd("export", hosts = ["store:10809"]) }
        }
    """
    if vm.resolve is None and vm.origin is None:
        return  # libvirt's own XML: its schema says it
    path: Path = ("disk", disk.label)
    source = disk.source
    below = disk.backing_store
    while True:
        if isinstance(source, Hosts) and not source.hosts and not isinstance(source, (NfsSource, TftpSource)):
            call = getattr(source, "tag", "")
            yield Finding((*path, "source"), f"{call}() does not say its server", help=f'write {call}("…", hosts = ["server:port"])')
        if below is None:
            return
        path, source, below = (*path, "backing-store"), below.source, below.backing_store

"""Looks at what a host keeps of domains besides their definitions: saved states, snapshots, checkpoints, jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from vmspec.base.record import replace
from vmspec.deploy.binding import libvirt
from vmspec.deploy.chains import layers_of
from vmspec.deploy.host import HostConnection
from vmspec.importing.host_domain import read_host_domain
from vmspec.model.domain import Domain
from vmspec.plan.besides import Besides
from vmspec.plan.chain import names_other_images
from vmspec.plan.state import Actual

T = TypeVar("T")

FLAGS = ("MANAGEDSAVE", "HAS_SNAPSHOT", "HAS_CHECKPOINT")
"""Of virConnectListAllDomains (include/libvirt/libvirt-domain.h 9.0.0)."""


def marked(host: HostConnection, domains: list[Actual]) -> list[Actual]:
    """With who has a saved state, snapshots or checkpoints: three calls for all of a host."""
    saved, snapshots, checkpoints = (_flagged(host, name) for name in FLAGS)
    if not (saved or snapshots or checkpoints):
        return domains
    return [replace(each, besides=_marks(host, each, saved, snapshots, checkpoints)) for each in domains]


def _flagged(host: HostConnection, name: str) -> frozenset[str]:
    """Empty for a driver that does not know the flag."""
    module = libvirt()
    flag = getattr(module, f"VIR_CONNECT_LIST_DOMAINS_{name}", None)
    with suppress(module.libvirtError):
        return frozenset() if flag is None else frozenset(str(each.UUIDString()) for each in host.connection.listAllDomains(flag))
    return frozenset()


def _marks(host: HostConnection, there: Actual, saved: frozenset[str], snapshots: frozenset[str], checkpoints: frozenset[str]) -> Besides:
    uuid = there.uuid
    return Besides(
        uuid in saved,
        _names(lambda: host.domain(uuid).listAllSnapshots()) if uuid in snapshots else (),
        _names(lambda: host.domain(uuid).listAllCheckpoints()) if uuid in checkpoints else (),
    )


def _names(ask: Callable[[], list[Any]]) -> tuple[str, ...]:
    module = libvirt()
    with suppress(module.libvirtError):
        return tuple(sorted(str(each.getName()) for each in ask()))
    return ()


def looked_into(host: HostConnection, wanted: Domain | None, there: Actual, stops: bool) -> Actual:
    """With what has been put on the images of `wanted`, and, where the guest is to be stopped (`stops`) or shows one, its jobs."""
    besides = there.besides
    domains = [domain for domain in (there.domain, there.live_domain) if domain is not None]
    if wanted is not None and any(names_other_images(wanted, domain) for domain in domains):
        besides = replace(besides, layers=layers_of(host, wanted, there))
    if there.running and (stops or any(disk.mirror for disk in domains[-1].disk)):
        besides = replace(besides, jobs=jobs(host, there.uuid))
    return there if besides is there.besides else replace(there, besides=besides)


def with_layers(host: HostConnection, there: Actual) -> Actual:
    """With the layers of all its images, whatever the program names."""
    return replace(there, besides=replace(there.besides, layers=layers_of(host, there.domain.but(disk=()), there)))


def jobs(host: HostConnection, uuid: str) -> tuple[str, ...]:
    """What is under way on a running guest, and would be lost with its end."""
    module = libvirt()
    domain = host.domain(uuid)
    of_disks = tuple(_block_jobs(module, domain))
    # A backup is a job of the domain and one of each of its disks.
    return (*(job for job in _domain_jobs(module, domain) if not any(each.startswith(f"{job} of ") for each in of_disks)), *of_disks)


OPERATIONS = {2: "save", 3: "restore", 4: "incoming migration", 5: "migration", 6: "snapshot", 7: "snapshot revert", 8: "dump", 9: "backup"}
"""virDomainJobOperation (include/libvirt/libvirt-domain.h 9.0.0)."""
BLOCK_JOBS = {1: "blockpull", 2: "blockcopy", 3: "blockcommit", 4: "blockcommit", 5: "backup"}
"""virDomainBlockJobType, of the same."""


def _domain_jobs(module: Any, domain: Any) -> Iterator[str]:
    with suppress(module.libvirtError):
        stats = domain.jobStats()
        if stats.get("type") in (module.VIR_DOMAIN_JOB_BOUNDED, module.VIR_DOMAIN_JOB_UNBOUNDED):
            yield OPERATIONS.get(int(stats.get("operation", 0)), "a job")


def _block_jobs(module: Any, domain: Any) -> Iterator[str]:
    live = read_host_domain(domain.XMLDesc(0).encode())
    for disk in live.disk:
        with suppress(module.libvirtError):
            info = domain.blockJobInfo(str(disk.target), 0)
            if info:
                yield f"{BLOCK_JOBS.get(int(info.get('type', 0)), 'a block job')} of {disk.target}"

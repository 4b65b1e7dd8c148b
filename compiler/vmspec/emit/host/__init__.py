"""The files of a host: each is owned whole by us, is there only when it has content, and undone by being removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vmspec.emit.artifact import Artifact
from vmspec.emit.host import cmdline, devices, grub, modprobe, modules, partition, readme, switch, sysctl, systemd, tmpfiles, tuned
from vmspec.emit.host.file import HostFile
from vmspec.emit.host.interfaces import interfaces
from vmspec.lower.fleet import HostObject

FILES: tuple[Callable[[HostObject], HostFile | None], ...] = (
    sysctl.emit,
    grub.emit,
    modprobe.emit,
    modules.emit,
    tmpfiles.emit,
    systemd.allowed_cpus("system.slice"),
    systemd.allowed_cpus("user.slice"),
    systemd.allowed_cpus("init.scope"),
    systemd.hugetlbfs,
    systemd.hugepages,
    systemd.irqbalance,
    systemd.irqbalance_banned,
    systemd.merging_service("ksm.service"),
    systemd.merging_service("ksmtuned.service"),
    systemd.realtime,
    partition.script,
    partition.hook,
    partition.unit,
    switch.slice_,
    switch.service("ovs-vswitchd.service"),
    switch.service("ovsdb-server.service"),
    devices.functions,
    devices.vfio_rules,
    devices.vfio_modules,
    devices.initramfs,
    devices.vfio_service,
    tuned.variables,
    *map(tuned.profile, tuned.FOLDERS),
    cmdline.emit,
)


def host_files(host: HostObject) -> list[HostFile]:
    """In a fixed order."""
    return [*(file for emit in FILES if (file := emit(host)) is not None), *interfaces(host)]


def emit_host(host: HostObject) -> Iterator[Artifact]:
    """The README, which tells of the others, comes last and is always there."""
    files = host_files(host)
    for file in [*files, readme.emit(host, files)]:
        yield file.artifact(host)

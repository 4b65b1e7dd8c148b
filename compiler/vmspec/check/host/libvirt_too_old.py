"""A feature that the host's libvirt does not know."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import show_path
from vmspec.check.queries.hosts import version
from vmspec.check.queries.since import newer_features
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm


@rule(5014, "libvirt-too-old", phase=Phase.FLEET)
def libvirt_too_old(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM uses a feature that is newer than the libvirt of its host (`host.libvirt`).
    Why: An older libvirt refuses it by its schema, or drops it without a word where VALIDATE is not asked for.
    Example:
        host n1 { libvirt = "8.0.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; iothread 1 { poll-max = 20us } }
    Instead:
        host n1 { libvirt = "9.4.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; iothread 1 { poll-max = 20us } }
    """
    have = version(host.spec.libvirt)
    if not have:
        return
    for vm in vms:
        for path, since in newer_features(vm.spec, have):
            yield Finding(
                path,
                f"{show_path(path)} needs libvirt {since}, and {host.name} has {host.spec.libvirt}",
                others=((host, ("libvirt",), "its version"),),
                help=f"leave {path[-1]} out, or place {vm.name} on a host with libvirt {since} or newer",
                of=vm,
            )

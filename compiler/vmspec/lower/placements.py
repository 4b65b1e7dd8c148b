"""Placements in the lock: as text there, as values for evaluation."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.base.record import replace
from vmspec.lower.lock import DEFAULT_ENV, EMPTY_VM, Lock, VmLock
from vmspec.model.kind import parse_cpus
from vmspec.model.placement import HostPlacement
from vmspec.model.value import CpuSet


def placements(lock: Lock, env: str | None) -> Mapping[str, HostPlacement]:
    """The placements that the lock has of an env, by VM."""
    found = ((name, vm) for name, vm in lock.vms.get(env or DEFAULT_ENV, {}).items() if vm.host is not None)
    return {name: _read(vm, vm.host or "") for name, vm in found}


def _read(vm: VmLock, host: str) -> HostPlacement:
    nodes = tuple(int(each) for each in (vm.nodes or "").split(";") if each)
    pins = tuple(parse_cpus(each) or CpuSet() for each in (vm.pins or "").split(";") if each)
    return HostPlacement(host, nodes, pins, _cpus(vm.cpuset), _cpus(vm.emulator))


def _cpus(text: str | None) -> CpuSet | None:
    return parse_cpus(text) if text else None


def placed(lock: Lock, env: str | None, chosen: Mapping[str, HostPlacement]) -> Lock:
    """With these placements of one env put in; VMs that are not among them keep what the lock has."""
    section = env or DEFAULT_ENV
    known = lock.vms.get(section, {})
    vms = {name: replace(known.get(name, EMPTY_VM), **_texts(one)) for name, one in chosen.items()}
    return Lock({**lock.vms, section: {**known, **vms}}, lock.packages)


def _texts(one: HostPlacement) -> Mapping[str, str | None]:
    return {
        "host": one.host,
        "nodes": "".join(f"{node};" for node in one.nodes) or None,
        "pins": "".join(f"{cpus};" for cpus in one.pins) or None,
        "cpuset": str(one.cpuset) if one.cpuset else None,
        "emulator": str(one.emulator) if one.emulator else None,
    }

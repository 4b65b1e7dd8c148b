"""Probes of running guests: their threads' CPUs, classes and partitions, and the nodes that their memory lies on.

libvirt names QEMU's threads: `CPU 0/KVM`, `IO iothread1`; all others are the emulator's, vhost's of Linux 6.4 and later
among them (src/qemu/qemu_command.c of libvirt 9.0.0, kernel/vhost_task.c).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from vmspec.base.provenance import Path
from vmspec.deploy.facts.system import Gathered
from vmspec.deploy.probes.probe import Probe
from vmspec.deploy.probes.threads import SeenThread, seen_threads
from vmspec.lower.fleet import HostObject, Vm
from vmspec.lower.hostpool import pool
from vmspec.model.domain import Domain
from vmspec.model.guest_pages import STRICT
from vmspec.model.value import CpuSet

VCPU = re.compile(r"CPU ([0-9]+)/(?:KVM|TCG)")
IO_THREAD = re.compile(r"IO iothread([0-9]+)")


def guest(vm: Vm, host: HostObject) -> Iterator[Probe]:
    """A guest that does not run has no threads, and nothing of it is to be seen."""
    floating = vm.spec.cpu.cpuset if vm.spec.cpu is not None else None
    for vcpu in sorted(vm.spec.vcpu, key=lambda each: int(each.label) if each.label.isdigit() else 0):
        mine = _named(VCPU, vcpu.label)
        path: Path = ("vcpu", vcpu.label, "pin")
        if vcpu.pin:
            yield _pinned(vm, f"vCPU {vcpu.label}", path, vcpu.pin, mine)
            if len(vcpu.pin) == 1 and vcpu.pin & pool(host.spec):
                yield _probe(vm, f"partition of vCPU {vcpu.label}", path, "isolated", mine, lambda each: each.partition or "none")
        elif floating:
            yield _pinned(vm, f"vCPU {vcpu.label}", ("cpu", "cpuset"), floating, mine)
        where, meant = _schedule(vm.spec, int(vcpu.label)) if vcpu.label.isdigit() else ((), None)
        if meant is not None:
            yield _probe(vm, f"class of vCPU {vcpu.label}", where, meant, mine, lambda each: each.schedule)
    for thread in vm.spec.iothread:
        if thread.pin:
            yield _pinned(vm, f"iothread {thread.label}", ("iothread", thread.label, "pin"), thread.pin, _named(IO_THREAD, thread.label))
        if thread.scheduler is not None:
            meant = _class(str(thread.scheduler), thread.priority)
            path = ("iothread", thread.label, "scheduler")
            yield _probe(vm, f"class of iothread {thread.label}", path, meant, _named(IO_THREAD, thread.label), lambda each: each.schedule)
    if vm.spec.emulator is not None and vm.spec.emulator.pin:
        yield _pinned(vm, "emulator threads", ("emulator", "pin"), vm.spec.emulator.pin, _is_emulator)
    yield from _memory(vm)


def _is_emulator(thread: SeenThread) -> bool:
    return not VCPU.fullmatch(thread.name) and not IO_THREAD.fullmatch(thread.name)


def _named(pattern: re.Pattern[str], label: str) -> Callable[[SeenThread], bool]:
    return lambda thread: bool((match := pattern.fullmatch(thread.name)) and match[1] == label)


def _pinned(vm: Vm, what: str, path: Path, cpus: CpuSet, mine: Callable[[SeenThread], bool]) -> Probe:
    return _probe(vm, f"{what} on CPUs", path, str(cpus), mine, lambda each: str(each.cpus))


def _probe(vm: Vm, what: str, path: Path, meant: str, mine: Callable[[SeenThread], bool], said: Callable[[SeenThread], str]) -> Probe:
    """Of several threads, what those say that are not as meant."""

    def read(seen: Gathered) -> str | None:
        found = [said(each) for each in seen_threads(seen, f"guest {vm.spec.uuid}") if mine(each)]
        return ", ".join(dict.fromkeys(text for text in found if text != meant)) or meant if found else None

    return Probe(paths=(path,), what=what, meant=meant, read=read, guest=vm.name)


def _schedule(vm: Domain, number: int) -> tuple[Path, str | None]:
    own = next((each for each in vm.vcpu if each.label == str(number)), None)
    if own is not None and own.scheduler is not None:
        return ("vcpu", own.label, "scheduler"), _class(str(own.scheduler), own.priority)
    named = next((each for each in vm.vcpu_schedule if each.vcpus is not None and number in each.vcpus), None)
    rest = next((each for each in vm.vcpu_schedule if each.vcpus is None), None)
    chosen = named or rest
    if chosen is None or chosen.scheduler is None:
        return (), None
    return ("vcpu-schedule", chosen.label, "scheduler"), _class(str(chosen.scheduler), chosen.priority)


def _class(scheduler: str, priority: int | None) -> str:
    return f"{scheduler} {priority or 0}" if scheduler in ("fifo", "rr") else scheduler


def _memory(vm: Vm) -> Iterator[Probe]:
    """Only where no other node may help out; of the mappings that are bound or huge, which are the guest's RAM."""
    numa = vm.spec.numa
    if numa is None:
        return
    whole = [(("numa", "nodeset"), numa.nodeset)] if numa.mode in STRICT and numa.nodeset else []
    cells = [(("numa", "cell", each.label, "nodeset"), each.nodeset) for each in numa.cell if each.mode in STRICT and each.nodeset]
    bound = cells if len(cells) == len(numa.cell) and cells else whole
    allowed = CpuSet().union(nodes for _, nodes in bound if nodes is not None)
    if not allowed:
        return

    def read(seen: Gathered) -> str | None:
        found: dict[str, dict[int, int]] = {}
        for line in seen.said.get(f"guest {vm.spec.uuid}", ()):
            match line.split("\t"):
                case ["memory", which, node, size]:
                    found.setdefault(which, {})[int(node)] = int(size)
        if not found:
            return None
        its = found.get("guest") or found["all"]
        small = 0 if "guest" in found else sum(its.values()) // 20
        outside = {node: size for node, size in sorted(its.items()) if node not in allowed}
        if sum(outside.values()) <= small:
            return f"on nodes {allowed}"
        return ", ".join(f"{size >> 10} MiB on node {node}" for node, size in outside.items())

    yield Probe(paths=tuple(path for path, _ in bound), what="memory", meant=f"on nodes {allowed}", read=read, guest=vm.name)

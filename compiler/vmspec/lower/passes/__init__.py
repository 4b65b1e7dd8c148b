"""The passes that derive settings: one file for each intent, run in the order of one tuple."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import replace
from vmspec.lower.fleet import Fleet, HostObject, Object, Vm
from vmspec.lower.hosts import merge_hosts
from vmspec.lower.lock import Lock, VmLock, with_own_identities
from vmspec.lower.passes import (
    cells,
    consoles,
    defaults,
    disks,
    displays,
    emulator,
    identities,
    iothreads,
    leftovers,
    machine,
    memory,
    models,
    order,
    origin,
    pins,
    places,
    processor,
    seeds,
    unfit,
    vcpus,
)
from vmspec.lower.passes.change import Context, Expansion, Layered
from vmspec.lower.passes.macs import decide_macs
from vmspec.lower.passes.models import common_models

EXPANSIONS: tuple[Expansion, ...] = (
    identities.expand,
    seeds.expand,
    machine.expand,
    emulator.expand,
    pins.expand,
    vcpus.expand,
    models.expand,
    processor.expand,
    processor.topoext,
    memory.expand,
    cells.expand,
    iothreads.expand,
    order.expand,
    unfit.expand,
    disks.expand,
    consoles.expand,
    displays.expand,
    defaults.boot_order,
    defaults.of_machine,
    defaults.of_devices,
    defaults.of_interfaces,
    places.expand,
    leftovers.expand,
    origin.expand,
)
"""The passes in order; each sees the results of those before it."""
WRITTEN: tuple[Expansion, ...] = (pins.expand,)
"""Those that run for a VM with `resolve = false` too: they turn what its author wrote into libvirt's words, and add nothing."""


def expand(fleet: Fleet, lock: Lock, project: str, env: str | None = None) -> tuple[Fleet, Lock, tuple[Diagnostic, ...]]:
    """Run all passes: the fleet with everything derived, and the new lock."""
    found: list[Diagnostic] = []
    hosts: Mapping[str, HostObject] = {host.name: host for host in fleet.hosts}
    locks = with_own_identities(lock, env, project, (vm.name for vm in fleet.vms))
    macs, clashes = decide_macs(fleet.vms, locks, project)
    found += clashes
    common = common_models([each.spec for each in fleet.hosts])
    vms: list[Vm] = []
    built: dict[str, VmLock] = {}
    for vm in fleet.vms:
        host = hosts[vm.host].spec if vm.host is not None and vm.host in hosts else None
        if not vm.resolve:
            written, _, diagnostics = expand_vm(vm, Context(project, locks[vm.name], host), WRITTEN)
            found += diagnostics
            vms.append(written)
            continue
        chosen, known = macs.get(vm.name), locks[vm.name]
        anew = machine.laid_out_anew(vm, known)
        if anew is not None:
            found.append(anew)
            known = known.identity()
        context = Context(project, known, host, common, chosen.macs if chosen else {})
        whole, entry, diagnostics = expand_vm(vm, context)
        found += diagnostics
        vms.append(whole)
        built[vm.name] = replace(entry, mac={**entry.mac, **chosen.salted}) if chosen is not None and chosen.salted else entry
    merged, diagnostics = merge_hosts(replace(fleet, vms=tuple(vms)))
    return merged, lock.having(env, built), (*found, *diagnostics)


def expand_vm(vm: Vm, context: Context, steps: tuple[Expansion, ...] = EXPANSIONS) -> tuple[Vm, VmLock, tuple[Diagnostic, ...]]:
    layered = Layered(vm.trails)
    found: list[Diagnostic] = []
    entry: dict[str, object] = {}
    for step in steps:
        change = step(vm, context)
        if change.trails:
            layered.add(change.trails)
        found += change.diagnostics
        entry.update((name, _with(entry.get(name), value)) for name, value in change.lock.items())
        if change.features:
            vm = Object(vm.kind, vm.name, vm.spec.but(**change.features), vm.span, layered, vm.blocks, vm.resolve, vm.host, vm.profiles)
    return vm, _entry(context.lock, entry), tuple(found)


def _with(held: object, more: object) -> object:
    """Several steps may add to one part of the entry."""
    return {**held, **more} if isinstance(held, Mapping) and isinstance(more, Mapping) else more


def _entry(before: VmLock, changed: Mapping[str, object]) -> VmLock:
    """What the lock holds of the VM from now on; an entry that stays as it was is the same object."""
    news = {name: {**getattr(before, name), **v} if isinstance(v, Mapping) else v for name, v in changed.items()}
    news = {name: value for name, value in news.items() if value != getattr(before, name)}
    return replace(before, **news) if news else before

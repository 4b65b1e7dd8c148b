"""Names that go from one domain to another in one deploy: whoever leaves a name goes before whoever takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from vmspec.plan.state import Actual
from vmspec.plan.verdict import Action, VmPlan

T = TypeVar("T")


def freeing_first(items: Sequence[T], now: Callable[[T], str], then: Callable[[T], str]) -> list[T]:
    """In an order in which each takes a name that is free: libvirt renames to no name that is taken (qemuDomainRenameCallback,
    src/qemu/qemu_driver.c 9.0.0). Those that go round come last, as they stand."""
    left, found = list(items), list[T]()
    while left:
        held = {now(each) for each in left if now(each) != then(each)}
        free = [each for each in left if then(each) not in held - {now(each)}] or left
        found += free
        left = [each for each in left if each not in free]
    return found


def with_free_names(vms: Sequence[VmPlan], by_name: Mapping[str, Actual]) -> list[VmPlan]:
    """Each whose name is not left by the domain that has it is refused, and so is what waits for that in its turn."""
    found = list(vms)
    while True:
        leaves = {vm.uuid: vm for vm in found if vm.action is Action.RENAME}
        gone = {vm.actual.name for vm in found if vm.action is Action.PRUNE and vm.actual is not None}
        held = {name: each for name, each in by_name.items() if name not in gone} if gone else by_name
        more = [_named(vm, held, leaves) for vm in found]
        if all(one is other for one, other in zip(more, found, strict=True)):
            return found
        found = more


TAKES = (Action.CREATE, Action.RENAME, Action.MOVE)


def _named(vm: VmPlan, by_name: Mapping[str, Actual], leaves: Mapping[str | None, VmPlan]) -> VmPlan:
    holder = by_name.get(vm.name)
    if vm.action not in TAKES or holder is None or holder.uuid == vm.uuid:
        return vm
    if holder.uuid not in leaves:
        return _refused(vm, f"the name {vm.name} is still that of another domain ({holder.uuid}), which is not renamed")
    way = [vm.name]
    while (holder := by_name.get(way[-1])) is not None and holder.uuid in leaves:
        way.append(leaves[holder.uuid].name)
        if way[-1] in way[:-1]:
            names = " → ".join((*way[way.index(way[-1]) :],))
            return _refused(
                vm, f"the names go round ({names}), and libvirt renames to no name that is taken: rename one to a third name first"
            )
    return vm


def _refused(vm: VmPlan, reason: str) -> VmPlan:
    return VmPlan(vm.name, vm.uuid, Action.REFUSE, reason=reason, running=vm.running, actual=vm.actual, notes=vm.notes)

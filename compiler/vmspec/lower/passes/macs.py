"""Assigns MAC addresses for a whole fleet: resolves collisions of the 24 derived bits, and keeps the result in the lock.

Whoever the lock knows has the first word, then names in order: adding a VM changes nobody else's address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.diagnostic import Diagnostic, Label
from vmspec.base.record import field, record, replace
from vmspec.lower import codes
from vmspec.lower.fleet import Vm
from vmspec.lower.identity import mac, vm_uuid
from vmspec.lower.lock import EMPTY_VM, VmLock
from vmspec.lower.shared_values import SameValue, SharedValue, shared_values


@record(frozen=True, slots=True)
class Macs:
    """Of one VM, by interface label; `salted` are those that another had and the lock has to keep."""

    macs: dict[str, str] = field(default_factory=dict)
    salted: dict[str, str] = field(default_factory=dict)


def decide_macs(vms: tuple[Vm, ...], locks: Mapping[str, VmLock], project: str) -> tuple[dict[str, Macs], tuple[Diagnostic, ...]]:
    owners: dict[str, tuple[Vm, str]] = {}
    clashes = tuple(map(_taken, shared_values(_written(vms, owners))))
    decided: dict[str, Macs] = {}
    asking = [vm for vm in vms if vm.resolve and any(card.mac is None for card in vm.spec.interface)]
    for vm in sorted(asking, key=lambda vm: (replace(locks[vm.name], layout=None) == EMPTY_VM, vm.name)):
        lock = locks[vm.name]
        uuid = str(vm.spec.uuid or lock.uuid or vm_uuid(project, vm.name))
        found = decided[vm.name] = Macs()
        for card in vm.spec.interface:
            if card.mac is None:
                found.macs[card.label] = _free(vm, uuid, card.label, lock.mac.get(card.label), owners, found.salted)
    return decided, clashes


def _written(vms: tuple[Vm, ...], owners: dict[str, tuple[Vm, str]]) -> Iterator[SameValue]:
    for vm in vms:
        for card in vm.spec.interface:
            if card.mac is None:
                continue
            other = owners.setdefault(str(card.mac), (vm, card.label))
            if other != (vm, card.label) and vm.resolve:
                at, there = ("interface", card.label, "mac"), ("interface", other[1], "mac")
                yield SameValue(other[0], there, vm, at, f"both have the MAC address {card.mac}")


def _taken(shared: SharedValue) -> Diagnostic:
    labels = tuple(Label(owner.where(path), what) for owner, path, what in shared.others)
    among = shared.names if len(shared.names) > 2 else ()
    return Diagnostic(codes.MAC_TAKEN, shared.message, shared.clash.of.where(shared.clash.at), labels=labels, objects=among)


def _free(vm: Vm, uuid: str, label: str, kept: str | None, owners: dict[str, tuple[Vm, str]], salted: dict[str, str]) -> str:
    if kept is not None and kept not in owners:
        owners[kept] = (vm, label)
        return kept
    attempt = 0
    while (found := mac(uuid, label, attempt)) in owners:
        attempt += 1
    owners[found] = (vm, label)
    if attempt:
        salted[label] = found
    return found

"""A VM that is to be started after one that the program does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path, show_path
from vmspec.base.suggest import did_you_mean
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm
from vmspec.lower.startorder import names_of, orders


@rule(6013, "start-after-unknown", phase=Phase.FLEET)
def start_after_unknown(fleet: Fleet) -> Iterator[Finding]:
    """
    What: `start-after` or `restart.after` names no VM of the program.
    Why: The order in which `vmc deploy` starts and restarts guests would silently not hold.
    Example:
        vm web { memory.size = 1GiB; cpu.count = 1; start-after = [vm(dp)] }
        vm db { memory.size = 1GiB; cpu.count = 1 }
    Instead:
        vm web { memory.size = 1GiB; cpu.count = 1; start-after = [vm(db)] }
        vm db { memory.size = 1GiB; cpu.count = 1 }
    """
    known = {vm.name for vm in fleet.vms}
    for vm in fleet.vms:
        for path, value in orders(vm.spec):
            yield from _unknown(vm, path, value, known)


def _unknown(vm: Vm, path: Path, value: object, known: set[str]) -> Iterator[Finding]:
    names = names_of(value)
    if not names and value != ():
        yield Finding(path, f"{show_path(path)} of {vm.name} names no VM: write [vm(NAME)]", of=vm)
    for name in names:
        if name not in known:
            begun = "started" if path == ("start-after",) else "restarted"
            message = f"{vm.name} is to be {begun} after {name}, and there is no such VM"
            yield Finding(path, message, help=did_you_mean(name, known), of=vm)

"""A VM that is to be started after one that the program does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.suggest import did_you_mean
from vmspec.build.fleet import Fleet
from vmspec.build.startorder import names_of
from vmspec.check.rule import Finding, Phase, rule


@rule(6013, "start-after-unknown", phase=Phase.FLEET)
def start_after_unknown(fleet: Fleet) -> Iterator[Finding]:
    """
    What: `start-after` names no VM of the program.
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
        if vm.spec.start_after is None:
            continue
        names = names_of(vm.spec.start_after)
        if not names and vm.spec.start_after != ():
            yield Finding(("start-after",), f"start-after of {vm.name} names no VM: write [vm(NAME)]", of=vm)
        for name in names:
            if name not in known:
                message = f"{vm.name} is to be started after {name}, and there is no such VM"
                yield Finding(("start-after",), message, help=did_you_mean(name, known), of=vm)

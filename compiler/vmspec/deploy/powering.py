"""Starts and restarts of a host, after all definitions: in the order of `start-after`, restarts in batches.

Each batch has to come up before the next is begun.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vmspec.deploy.binding import Refused
from vmspec.deploy.calls import GivenUp
from vmspec.deploy.condition import condition, has_address, has_agent
from vmspec.deploy.host import AT_ONCE
from vmspec.plan.power import in_order
from vmspec.plan.verdict import VmPlan

if TYPE_CHECKING:
    from vmspec.deploy.apply import Outcome, Work

POLL = 0.5
HEALTH = ("none", "running", "agent", "address")
SETTLED = 1.0
"""Seconds that a guest has to run to count as up: QEMU that cannot go on ends within it."""


@dataclass(frozen=True)
class DuePower:
    name: str
    after: tuple[str, ...]
    vm: VmPlan
    uuid: str
    place: int
    """Among the outcomes."""


@dataclass
class Powering:
    work: Work
    told: Callable[[Outcome], None]

    def carry_out(self, due: Sequence[VmPlan], outcomes: list[Outcome]) -> list[Outcome]:
        """The outcomes, with what became of the power of each; of nothing that is not whole."""
        from vmspec.deploy.apply import changes_power

        found = [
            DuePower(vm.name, _after(vm), vm, self._uuid(vm), place)
            for place, vm in enumerate(due)
            if outcomes[place].ok and changes_power(vm)
        ]
        bad: str | None = None
        for batch in self._batches(found):
            if bad is not None:
                done = [replace(outcomes[each.place], error=f"left as it is, since {bad}") for each in batch]
            else:
                with ThreadPoolExecutor(max_workers=len(batch)) as pool:
                    done = list(pool.map(lambda each: self._one(each, outcomes[each.place]), batch))
                bad = next((f"{each.name} did not come up" for each in done if each.error is not None), None)
            for each, outcome in zip(batch, done, strict=True):
                outcomes[each.place] = outcome
                self.told(outcome)
        return outcomes

    def _uuid(self, vm: VmPlan) -> str:
        """Where the host gave it, the new domain is found by its name."""
        return vm.uuid or (vm.actual.uuid if vm.actual is not None else self.work.host.uuid_of(vm.name))

    def _batches(self, found: Sequence[DuePower]) -> Iterator[list[DuePower]]:
        """What is started from off goes at once, as far as the order allows; restarts a few at a time."""
        for wave in in_order(found):
            started = [each for each in wave if not each.vm.restart]
            restarted = [each for each in wave if each.vm.restart]
            yield from (started[first : first + AT_ONCE] for first in range(0, len(started), AT_ONCE))
            yield from _groups(restarted, self.work.options.batch)

    def _one(self, each: DuePower, before: Outcome) -> Outcome:
        done: tuple[str, ...] = before.done
        try:
            done = (*done, self.work.power(each.vm, each.uuid))
            wanted = self._health(each.vm)
            if each.vm.restart or (each.vm.start and wanted != "running"):
                self._healthy(each, wanted)
        except GivenUp as error:
            return replace(before, done=(*done, *([] if error.perhaps is None else [f"perhaps {error.perhaps}"])), error=str(error))
        except Refused as error:
            return replace(before, done=done, error=str(error))
        return replace(before, done=done)

    def _health(self, vm: VmPlan) -> str:
        """What the VM says of it is said of its restarts; the flag counts for a start too."""
        said = vm.desired.health if vm.restart and vm.desired is not None else None
        return self.work.options.health or said or "running"

    def _healthy(self, each: DuePower, wanted: str) -> None:
        """Waits until the guest is up by the measure that was asked for; Refused where it does not come up."""
        host = self.work.host
        if wanted == "none":
            return
        begun = time.monotonic()
        end = begun + self.work.options.health_timeout
        while True:
            state = condition(host, each.uuid)
            if state != "running":
                raise Refused(f"after its start it is {state}")
            if wanted == "running" and time.monotonic() - begun >= SETTLED:
                return
            if (wanted == "agent" and has_agent(host, each.uuid)) or (wanted == "address" and has_address(host, each.uuid)):
                return
            if time.monotonic() >= end:
                what = "its agent does not answer" if wanted == "agent" else "it has no address"
                raise Refused(f"{what} {self.work.options.health_timeout:g} s after its start")
            self.work.unless_asked("seen to be up")
            time.sleep(POLL)


def _after(vm: VmPlan) -> tuple[str, ...]:
    if vm.desired is None:
        return ()
    return (*vm.desired.after, *vm.desired.restart_after) if vm.restart else vm.desired.after


def _groups(due: Sequence[DuePower], said: int | None) -> Iterator[list[DuePower]]:
    """As large as the command says, or else as the most careful VM of each allows."""
    group: list[DuePower] = []
    size = 1
    for each in due:
        own = said or (None if each.vm.desired is None else each.vm.desired.batch) or 1
        if group and len(group) + 1 > min(size, own):
            yield group
            group = []
        size = min(size, own) if group else own
        group.append(each)
    if group:
        yield group

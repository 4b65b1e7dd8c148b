"""Whether a guest is to run (`power`), against what it does: seen in plan and verify, restored as far as the flags of a deploy allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from vmspec.base.record import replace
from vmspec.plan.state import Actual
from vmspec.plan.verdict import Action, PlanOptions, VmPlan

RUNNING, OFF = "running", "off"
ENDED = ("shut off", "crashed")


class Ordered(Protocol):
    """One to be started or restarted."""

    @property
    def name(self) -> str: ...

    @property
    def after(self) -> tuple[str, ...]:
        """Those that are to be up before it."""


def powered(vm: VmPlan, wishes: PlanOptions) -> VmPlan:
    """With the difference in `power`, and what is to be done about it: `--start` starts and resumes, `--allow-restart` may stop."""
    wanted = None if vm.desired is None else vm.desired.power
    if wanted not in (RUNNING, OFF) or vm.action in (Action.REFUSE, Action.PRUNE, Action.MOVE):
        return vm
    now = condition(vm.actual)
    if wanted == OFF:
        runs = now not in ENDED
        interrupted = vm.actual is not None and vm.actual.uuid in wishes.interrupted
        stop = runs and wishes.restart and not vm.blocked
        return replace(vm, power=(now, OFF) if runs else None, start=vm.start and interrupted, restart=vm.restart and not runs, stop=stop)
    if vm.action is Action.CREATE:
        return replace(vm, power=None if vm.start else (now, RUNNING))
    return replace(vm, power=None if now == RUNNING else (now, RUNNING), resume=now == "paused" and wishes.start and not vm.restart)


def condition(there: Actual | None) -> str:
    """In libvirt's words (virsh domstate)."""
    if there is None:
        return "shut off"
    return there.condition or (RUNNING if there.running else "shut off")


N = TypeVar("N", bound=Ordered)


def in_order(items: Sequence[N]) -> list[list[N]]:
    """Waves, each of which needs only what is in those before it; what waits for itself comes last, in the order it stands."""
    left, waves = list(items), []
    while left:
        names = {each.name for each in left}
        free = [each for each in left if not names & (set(each.after) - {each.name})] or left
        waves.append(free)
        begun = {each.name for each in free}
        left = [each for each in left if each.name not in begun]
    return waves

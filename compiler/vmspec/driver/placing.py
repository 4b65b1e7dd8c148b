"""Places the VMs of a compilation whose hosts are to be chosen: from its typed objects to a lock that has been checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Diagnostics, Label, has_errors
from vmspec.base.record import field, record, replace
from vmspec.lower.fleet import Vm
from vmspec.lower.placements import placed, placements
from vmspec.model.placement import HostPlacement
from vmspec.place.cpus import deal
from vmspec.place.problem import Problem, Solution
from vmspec.place.reading import problem_of
from vmspec.place.refuse import Obstacle, obstacles
from vmspec.place.solve import solve

if TYPE_CHECKING:
    from vmspec.driver.compilation import Compilation
    from vmspec.lower.lock import Lock

NOT_FOUND = Code(
    6920,
    "no-placement",
    """
    What: `vmc place` found no hosts for some VMs. Where ortools is installed, it says that there are none only if that is proven; without,
        that none was found.
    Why: What the hosts have left, or what the VM asks for, keeps it out. The labels name constraints that collide: without any one of
        them a solution was found; with all of them a search of limited effort found none.
    """,
)


@record(frozen=True, slots=True)
class Placed:
    """What came out. `lock` is None where nothing was to be chosen, or something is wrong."""

    diagnostics: Diagnostics
    solution: Solution | None = None
    before: Mapping[str, HostPlacement] = field(default_factory=dict)
    after: Mapping[str, HostPlacement] = field(default_factory=dict)
    lock: Lock | None = None


def place(compilation: Compilation, max_moves: int | None = None, anew: bool = False) -> Placed:
    """Choose hosts, nodes and CPUs; the result compiles without errors, or is none."""
    from vmspec.driver.compilation import Compilation

    open_ = Compilation(compilation.paths, replace(compilation.options, placing=True))
    found = (*open_.given_diagnostics, *open_.program_diagnostics, *open_.settled_diagnostics, *open_.lock_diagnostics)
    if has_errors(found):
        return Placed(found)
    env = open_.settled.env
    chosen = frozenset(vm.name for vm in open_.typed.vms if vm.host is None and vm.spec.place is not None)
    known = placements(open_.lock_before, env)
    before = {name: one for name, one in known.items() if name in chosen}
    problem = problem_of(open_.typed, chosen, {} if anew else before)
    solution = solve(problem, max_moves=max_moves)
    if solution.unplaced or solution.impossible:
        return Placed((*found, *_not_found(problem, solution, {vm.name: vm for vm in open_.typed.vms})), None, before)
    dealt = deal(problem, solution.seats, {} if anew else before)
    after = {name: one for name, one in dealt.items() if name in chosen}
    lock = placed(open_.lock_before, env, after)
    built = Compilation(compilation.paths, replace(compilation.options, placements=after))
    return Placed(built.diagnostics, solution, before, after, None if has_errors(built.diagnostics) else lock)


def _not_found(problem: Problem, solution: Solution, vms: Mapping[str, Vm]) -> tuple[Diagnostic, ...]:
    name, found = obstacles(problem, solution)
    vm = vms[name]
    proven = "there is no placement" if solution.impossible else "no placement was found"
    others = f" and {len(solution.unplaced) - 1} more" if len(solution.unplaced) > 1 else ""
    help_ = next((each.relaxation for each in found if each.relaxation), None)
    labels = tuple(Label(_vm(each, vms, vm).where(each.path), each.said) for each in found)
    return (Diagnostic(NOT_FOUND, f'{proven} for "{name}"{others}', vm.where(("place",)), labels=labels, help=help_),)


def _vm(each: Obstacle, vms: Mapping[str, Vm], default: Vm) -> Vm:
    return vms.get(each.vm, default)

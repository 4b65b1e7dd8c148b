"""Whether a guest is to run: what plan and verify say of it, and what the flags of a deploy do about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from vmspec.base.record import replace
from vmspec.importing.host_domain import HostDefinition
from vmspec.lower.startorder import names_of
from vmspec.model.domain import Domain
from vmspec.plan.change import SourcePlace
from vmspec.plan.drift import DriftKind, findings
from vmspec.plan.power import in_order, powered
from vmspec.plan.state import Actual, Desired
from vmspec.plan.verdict import Action, HostPlan, PlanOptions, VmPlan

UUID = "5a8ef2c3-0a52-4dc1-9c34-0d3f1d6a4c11"
NONE = PlanOptions("p")
START, RESTART = PlanOptions("p", start=True), PlanOptions("p", restart=True)


def plan(power: str | None, condition: str, wishes: PlanOptions) -> VmPlan:
    runs = condition not in ("shut off", "crashed")
    desired = Desired("a", UUID, Domain(), "", False, None, lambda path, is_set: ("", SourcePlace()), power=power)
    there = Actual("a", UUID, HostDefinition(b""), running=runs, condition=condition)
    made = VmPlan("a", UUID, Action.NOTHING, running=runs, start=not runs and wishes.start, actual=there, desired=desired)
    return powered(made, wishes)


CASES = (
    # power, is, wishes; difference, start, stop, resume
    ("running", "running", START, None, False, False, False),
    ("running", "shut off", NONE, ("shut off", "running"), False, False, False),
    ("running", "shut off", START, ("shut off", "running"), True, False, False),
    ("running", "crashed", START, ("crashed", "running"), True, False, False),
    ("running", "paused", NONE, ("paused", "running"), False, False, False),
    ("running", "paused", START, ("paused", "running"), False, False, True),
    ("off", "shut off", START, None, False, False, False),
    ("off", "crashed", START, None, False, False, False),
    ("off", "running", START, ("running", "off"), False, False, False),
    ("off", "running", RESTART, ("running", "off"), False, True, False),
    ("off", "paused", RESTART, ("paused", "off"), False, True, False),
    ("unmanaged", "shut off", START, None, True, False, False),
    (None, "paused", START, None, False, False, False),
)


@pytest.mark.parametrize("case", CASES)
def test_what_is_done_about_it(case: tuple[str | None, str, PlanOptions, tuple[str, str] | None, bool, bool, bool]) -> None:
    power, condition, wishes, difference, start, stop, resume = case
    made = plan(power, condition, wishes)
    assert (made.power, made.start, made.stop, made.resume) == (difference, start, stop, resume)
    found = [each.message for each in findings(HostPlan("n", "u", (made,))) if each.kind is DriftKind.POWER]
    assert found == ([] if difference is None else [f"it is {difference[0]}, and is to be {difference[1]}"])


def test_what_is_made_and_not_started_differs_in_the_plan() -> None:
    new = replace(plan("running", "shut off", NONE), action=Action.CREATE, actual=None)
    assert powered(new, NONE).power == ("shut off", "running")
    assert powered(replace(new, start=True), START).power is None


@dataclass
class Item:
    name: str
    after: tuple[str, ...] = ()


def test_the_order() -> None:
    items = [Item("web", ("db", "cache")), Item("cache", ("db",)), Item("db"), Item("other"), Item("late", ("nobody",))]
    assert [[each.name for each in wave] for wave in in_order(items)] == [["db", "other", "late"], ["cache"], ["web"]]
    ring = [Item("a", ("b",)), Item("b", ("a",)), Item("c", ("c",))]
    assert [[each.name for each in wave] for wave in in_order(ring)] == [["c"], ["a", "b"]]


def test_names(tmp_path: Path) -> None:
    from vmspec.driver.compilation import BuildOptions, Compilation

    file = tmp_path / "a.vmspec"
    small = "extends std.base { cpu.count = 1; memory.size = 64MiB"
    file.write_text(f'vm db {small} }}\nvm "c 1" {small} }}\nvm web {small}; start-after = [vm(db), vm("c 1")] }}\n')
    fleet = Compilation((str(file),), BuildOptions(None, {}, False)).fleet
    assert [names_of(vm.spec.start_after) for vm in fleet.vms if vm.name == "web"] == [("db", "c 1")]
    assert names_of(None) == ()
    assert names_of(("db", "cache")) == ("db", "cache")


def test_how_a_vm_is_restarted(tmp_path: Path) -> None:
    from vmspec.driver.compilation import Compilation
    from vmspec.plan.program import program_of

    small = "{ cpu.count = 1; memory.size = 1GiB"
    file = tmp_path / "a.vmspec"
    file.write_text(f"vm db {small} }}\nvm web {small}; restart {{ batch = 4; after = [vm(db)]; health = agent }} }}\n")
    db, web = program_of(Compilation((str(file),)), lambda artifact: ()).every()
    assert (db.batch, db.restart_after, db.health) == (None, (), None)
    assert (web.batch, web.restart_after, web.health, web.after) == (4, ("db",), "agent", ())


def test_batches_are_as_large_as_the_most_careful_allows() -> None:
    from vmspec.deploy.powering import DuePower, _groups

    def sizes(said: int | None, *own: int | None) -> list[int]:
        def due(number: int, batch: int | None) -> DuePower:
            desired = Desired(f"v{number}", UUID, Domain(), "", False, None, lambda path, is_set: ("", SourcePlace()), batch=batch)
            return DuePower(f"v{number}", (), VmPlan(f"v{number}", UUID, Action.NOTHING, desired=desired), UUID, number)

        return [len(group) for group in _groups([due(number, batch) for number, batch in enumerate(own)], said)]

    assert sizes(None, None, None) == [1, 1]
    assert sizes(None, 3, 3, 3, 3) == [3, 1]
    assert sizes(None, 3, 3, 1, 2, 2) == [2, 1, 2]
    assert sizes(None, 4, 4, 2, 2) == [2, 2]
    assert sizes(2, 3, 1, None) == [2, 1]
    assert sizes(None) == []

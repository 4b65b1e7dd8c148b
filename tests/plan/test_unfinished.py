"""What a deploy stopped and did not live to start is named, with where it was."""

from __future__ import annotations

import pytest

from vmspec.base.record import replace
from vmspec.importing.host_domain import HostDefinition
from vmspec.plan.drift import DriftKind, findings
from vmspec.plan.moves import Sighting
from vmspec.plan.state import Actual
from vmspec.plan.text import text
from vmspec.plan.unfinished import with_unfinished
from vmspec.plan.verdict import Action, HostPlan, Leaving, PlanOptions, VmPlan

UUID = "5a8ef2c3-0a52-4dc1-9c34-0d3f1d6a4c11"
OFF = VmPlan("a", UUID, Action.NOTHING, actual=Actual("a", UUID, HostDefinition(b"")))
STARTED = replace(OFF, start=True)
MOVED = "a deploy was cut off while it moved it from m1, where it has been stopped; this one goes on"
THERE = Sighting("m1", "u", Actual("a", UUID, HostDefinition(b"")))


@pytest.mark.parametrize(
    ("vm", "interrupted", "said"),
    [
        (STARTED, {UUID: ""}, "a deploy was cut off after it had stopped it for a restart; this one goes on"),
        (STARTED, {UUID: "m1"}, MOVED),
        (replace(STARTED, move=THERE), {UUID: "m1"}, MOVED),
        (OFF, {UUID: ""}, "a deploy was cut off after it had stopped it for a restart"),
        (OFF, {}, None),
        (replace(OFF, running=True), {UUID: ""}, None),
        (replace(STARTED, move=replace(THERE, there=replace(THERE.there, running=True))), {UUID: "m1"}, None),
    ],
)  # fmt: skip
def test_it_is_named(vm: VmPlan, interrupted: dict[str, str], said: str | None) -> None:
    made = with_unfinished(vm, PlanOptions("p", interrupted=interrupted))
    assert [(note.kind, note.message) for note in made.notes] == ([] if said is None else [("unfinished", said)])
    kinds = [each.kind for each in findings(HostPlan("n", "u", (made,))) if said is not None and each.message == said]
    assert kinds == [] if said is None else [DriftKind.POWER]


def test_the_host_that_it_leaves_says_so_too() -> None:
    from vmspec.report.style import style

    plan = HostPlan("m1", "u", leaving=(Leaving("a", False, "m2", True),))
    assert "a  (stopped for a move that was cut off, placed on m2: a deploy there moves it)" in text(plan, style(False))

"""What makes a saved plan out of date, in words."""

from __future__ import annotations

import json

from vmspec.base.record import replace
from vmspec.importing.host_domain import HostDefinition
from vmspec.model.domain import Domain
from vmspec.plan.change import Change, Effect
from vmspec.plan.data import plain
from vmspec.plan.stale import what_changed
from vmspec.plan.state import Actual
from vmspec.plan.verdict import Action, HostPlan, VmPlan

UUID = "5a8ef2c3-0a52-4dc1-9c34-0d3f1d6a4c11"
NEW = VmPlan("a", UUID, Action.CREATE, domain=Domain())
THERE = Actual("a", UUID, HostDefinition(b"<domain/>"))


def stale(before: VmPlan, after: VmPlan) -> str:
    saved = json.loads(json.dumps(plain([HostPlan("n", "u", (before,))])))["hosts"][0]
    return what_changed(saved, HostPlan("n", "u", (after,)))


def test_a_vm_that_is_only_made() -> None:
    assert stale(NEW, replace(NEW, domain=Domain(name="b"))) == "a (what it is to be made of is another definition)"
    assert stale(NEW, VmPlan("a", UUID, Action.NOTHING, actual=THERE)) == "a (is on the host by now)"
    assert stale(NEW, NEW) == ""


def test_a_definition_that_differs_in_what_is_not_compared() -> None:
    now = VmPlan("a", UUID, Action.NOTHING, actual=THERE)
    other = replace(THERE, inactive=HostDefinition(b"<domain>b</domain>"))
    assert stale(now, replace(now, actual=other)) == "a (its definition on the host is another one)"


def test_a_setting_says_more_than_the_definition() -> None:
    change = Change("memory.size", "1GiB", "2GiB", Effect.GUEST_ABI)
    before = VmPlan("a", UUID, Action.UPDATE, (change,), actual=THERE, domain=Domain())
    after = replace(before, changes=(replace(change, after="3GiB"),), domain=Domain(name="b"))
    assert stale(before, after) == "a (memory.size)"

"""What leaves a host: who is pruned, what is refused and why, and what waits until it has arrived on another host."""

from __future__ import annotations

import pytest

from tests.plan.factories import DISK, WEB, Remembered, actual, besides, only_vm, options, planned, uuid, xml
from vmspec.base.record import replace
from vmspec.plan.chain import BackingChain, ImageLayers
from vmspec.plan.moves import Seen, Sighting
from vmspec.plan.only import Only
from vmspec.plan.state import Actual
from vmspec.plan.verdict import Action, Leaving, PlanOptions

PRUNE, PRUNE_ALL = options(prune=True), options(prune=True, prune_running=True)
GONE = "it is no longer in the program, but "
LAYERS = ImageLayers({("path", "/x/over"): BackingChain((("path", "/x/base"),), True)})
ON_OVERLAY = actual("web", "a", data=xml("web", uuid("a"), devices=DISK.format("/x/over")))
DEPLOYED = Remembered(results={uuid("a"): xml("web", uuid("a"), devices=DISK.format("/x/base"))})
PRUNES: dict[str, tuple[Actual, PlanOptions, str]] = {
    "it is off": (actual("web", "a"), PRUNE, ""),
    "it runs": (actual("web", "a", running=True), PRUNE, f"{GONE}it runs: stop it, or say --prune-running"),
    "it runs, and may be stopped": (actual("web", "a", running=True), PRUNE_ALL, ""),
    "a job": (
        actual("web", "a", running=True, besides=besides(jobs=("blockcopy of vda", "backup"))), PRUNE_ALL,
        f"{GONE}blockcopy of vda, backup is under way",
    ),
    "a saved state": (
        actual("web", "a", besides=besides(saved=True)), PRUNE_ALL,
        f"{GONE}it has a saved state: start it, or drop that with virsh managedsave-remove web",
    ),
    "snapshots": (actual("web", "a", besides=besides(snapshots=("s1", "s2"))), PRUNE_ALL, f"{GONE}it has the snapshots s1, s2"),
    "checkpoints": (actual("web", "a", besides=besides(checkpoints=("c1",))), PRUNE_ALL, f"{GONE}it has the checkpoints c1"),
    "an image that somebody put there": (
        ON_OVERLAY, PRUNE_ALL,
        f"{GONE}it is on /x/over, and not on /x/base (vda), by hand: a VM made anew would not find that; "
        "--discard-overlay web:vda removes it all the same",
    ),
    "that is to go": (ON_OVERLAY, options(prune=True, discarded={"web": frozenset(("vda",))}), ""),
}  # fmt: skip


def test_without_a_journal_what_lies_on_another_image_stays() -> None:
    covered = replace(ON_OVERLAY, besides=besides(layers=LAYERS))
    assert "/x/over lies on another image (vda), and no journal" in only_vm(planned([], [covered], PRUNE)).reason
    alone = replace(covered, besides=besides(layers=ImageLayers({("path", "/x/over"): BackingChain((), True)})))
    assert only_vm(planned([], [alone], PRUNE)).action is Action.PRUNE
    assert only_vm(planned([], [covered], options(prune=True, discarded={"web": frozenset(("vda",))}))).action is Action.PRUNE


@pytest.mark.parametrize("name", PRUNES)
def test_prune(name: str) -> None:
    there, chosen, reason = PRUNES[name]
    plan = planned([], [there], chosen, DEPLOYED)
    vm = only_vm(plan)
    assert (vm.action, vm.reason) == (Action.REFUSE if reason else Action.PRUNE, reason)
    assert (vm.name, vm.uuid, vm.running, vm.actual) == (there.name, there.uuid, there.running, there)
    assert plan.unpruned == ()


def test_who_is_pruned() -> None:
    """Ours that the program no longer has, and nobody else: in the order of names."""
    there = [
        actual("z", "d"), actual("b", "b"), actual("bank", "c", project="bank"), actual("own", "e", project=None), actual("web", "a"),
        actual("copied", "f", data=xml("copied", uuid("f")).replace(f'uuid="{uuid("f")}"'.encode(), f'uuid="{uuid("a")}"'.encode())),
    ]  # fmt: skip
    kept = planned([WEB], there)
    assert [(vm.name, vm.action) for vm in kept.vms] == [("web", Action.NOTHING)]
    assert (kept.unpruned, kept.foreign, kept.due) == (("b", "z"), 3, False)
    pruned = planned([WEB], there, PRUNE)
    assert [(vm.name, vm.action) for vm in pruned.vms] == [("web", Action.NOTHING), ("b", Action.PRUNE), ("z", Action.PRUNE)]
    assert (pruned.unpruned, pruned.foreign, pruned.due) == ((), 3, True)
    one = planned([WEB], there, replace(PRUNE, only=Only(frozenset(("z",)))))
    assert [vm.name for vm in one.vms if vm.action is Action.PRUNE] == ["z"]
    elsewhere = planned([WEB], there, replace(PRUNE, elsewhere=frozenset((uuid("b"), uuid("d")))))
    assert [vm.action for vm in elsewhere.vms] == [Action.NOTHING]


def test_what_is_refused_is_not_pruned() -> None:
    plan = planned([WEB], [actual("web", "b")], PRUNE)
    assert [(vm.name, vm.action) for vm in plan.vms] == [("web", Action.REFUSE)]


def test_what_is_placed_on_another_host_leaves_when_it_has_arrived() -> None:
    there, placed = actual("web", "a"), options(prune=True, placed={uuid("a"): "n2"})
    waits = planned([], [there], placed)
    assert (waits.vms, waits.leaving) == ((), (Leaving("web", False, "n2"),))
    cut_off = planned([], [there], replace(placed, interrupted={uuid("a"): ""}))
    assert cut_off.leaving == (Leaving("web", False, "n2", unfinished=True),)
    running = planned([], [actual("web", "a", running=True)], replace(placed, interrupted={uuid("a"): ""}))
    assert running.leaving == (Leaving("web", True, "n2"),)
    for host, action in (("n2", Action.PRUNE), ("n3", None)):
        plan = planned([], [there], replace(placed, seen=Seen({uuid("a"): (Sighting(host, "u", there),)})))
        assert [vm.action for vm in plan.vms] == ([] if action is None else [action]), host
        assert bool(plan.leaving) is (action is None)

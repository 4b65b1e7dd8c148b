"""A rollback: what its plan says of each domain, and, on a host that only writes down what is asked of it, which calls are made in which
order, and which never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.plan.factories import Remembered, actual, uuid, xml
from vmspec.base.record import replace
from vmspec.deploy.apply import DeployOptions, Outcome, Work
from vmspec.deploy.binding import HostError, Refused
from vmspec.deploy.calls import Patience
from vmspec.deploy.entry import JournalEntry
from vmspec.deploy.journal import Journal
from vmspec.deploy.lines import read, tag
from vmspec.deploy.past import Return
from vmspec.deploy.steps import JournalHead
from vmspec.importing.host_domain import HostDefinition, mark_of
from vmspec.plan.besides import Besides
from vmspec.plan.chain import BackingChain, ImageLayers
from vmspec.plan.mode import PlanMode
from vmspec.plan.only import Only
from vmspec.plan.restore import WORDS, Before, plan_back
from vmspec.plan.state import Actual, Passwords, Platform
from vmspec.plan.verdict import Action, HostPlan, PlanOptions

A, B = uuid("a"), uuid("b")
OLD, NEW = xml("web", A), xml("web", A, memory=2048)
WAS = Before("web", A, OLD)
ABSENT = Before("web", A, None)
NOW, SAME = actual("web", "a", data=NEW), actual("web", "a", data=OLD)
ACTIONS: dict[str, tuple[Before, Actual | None, str]] = {
    "it was not there and is not": (ABSENT, None, "nothing"),
    "it was made": (ABSENT, NOW, "undefine"),
    "it is gone": (WAS, None, "define"),
    "it is as it was": (WAS, SAME, "nothing"),
    "it is another": (WAS, NOW, "restore"),
    "it has another name": (Before("old", A, OLD), SAME, "restore"),
    "its autostart is another": (WAS, replace(SAME, autostart=True), "restore"),
    "it was moved here": (Before("web", A, OLD, moved_from="m1"), NOW, "refuse"),
    "it was moved here and nothing is left to do": (Before("web", A, OLD, moved_from="m1"), SAME, "nothing"),
    "it was moved away": (Before("web", A, OLD, moved_to="m2"), None, "refuse"),
    "it was moved away and is here again": (Before("web", A, OLD, moved_to="m2"), NOW, "restore"),
    "it was made and runs": (ABSENT, replace(NOW, running=True), "refuse"),
}


def planned(before: Sequence[Before], there: Sequence[Actual], memory: Remembered | None = None, **more: Any) -> HostPlan:
    wishes = PlanOptions("", mode=PlanMode.ROLLBACK, **more)
    return plan_back("n1", "u", before, there, memory or Remembered(), wishes, Platform())


@pytest.mark.parametrize("name", ACTIONS)
def test_what_is_done_to_one(name: str) -> None:
    before, there, action = ACTIONS[name]
    (vm,) = planned([before], [] if there is None else [there]).vms
    assert (vm.name, WORDS[vm.action]) == (before.name, action)
    assert bool(vm.reason) is (action == "refuse")


def test_only_a_guest_that_may_be_stopped_is_undefined() -> None:
    running = replace(NOW, running=True)
    (vm,) = planned([ABSENT], [running]).vms
    assert vm.reason == "the deploy created it and it runs: stop it, or say --prune-running"
    (vm,) = planned([ABSENT], [running], prune_running=True).vms
    assert (vm.action, vm.running) == (Action.PRUNE, True)


def test_the_plan_says_what_changes_and_keeps_the_spelling() -> None:
    plan = planned([WAS], [NOW], Remembered({A: NEW}))
    (vm,) = plan.vms
    assert [(each.path, each.before, each.after, each.drift) for each in vm.changes] == [("memory.size", "2GiB", "1GiB", False)]
    assert (vm.spelling, plan.mode, vm.live, vm.pending, vm.desired) == (OLD, PlanMode.ROLLBACK, (), (), None)
    by_hand = planned([WAS], [NOW], Remembered({A: OLD})).vms[0]
    assert [each.drift for each in by_hand.changes] == [True]
    assert plan.fingerprint not in (planned([WAS], [SAME]).fingerprint, planned([ABSENT], [NOW]).fingerprint)


def test_the_oldest_of_deploys_that_belong_together_knows_what_was_there() -> None:
    newest = JournalEntry(3, "deploy", True, (Before("web", A, NEW),), applied={A: b"three"})
    middle = JournalEntry(2, "deploy", False, (Before("web", A, b"two"), Before("db", "", None)), applied={A: b"two"}, created={"db": B})
    oldest = JournalEntry(1, "deploy", False, (WAS,), applied={B: b"one"})
    way = Return((newest, middle, oldest), "")
    assert way.before(None) == [WAS, Before("db", B, None)]
    assert way.before(Only(frozenset(("db",)))) == [Before("db", B, None)]
    with pytest.raises(HostError, match="--only fits no VM that the rollback is about"):
        way.before(Only(frozenset(("nobody",))))
    alone = Return((JournalEntry(1, "deploy", True, (Before("db", "", None),)),), "").before(None)
    (vm,) = planned(alone, [actual("db", "b")]).vms
    assert vm.action is Action.NOTHING, "a name alone is nobody's"


def test_what_was_made_goes_before_what_has_its_name_again() -> None:
    made, renamed = actual("web", "b"), actual("old", "a", data=OLD.replace(b"web", b"old"))
    plan = planned([WAS, Before("web", B, None)], [renamed, made])
    assert [(vm.action, vm.uuid) for vm in plan.vms] == [(Action.PRUNE, B), (Action.RENAME, A)]
    (vm,) = planned([WAS], [renamed, made]).vms
    assert vm.reason == f"the name web is still that of another domain ({B}), which is not renamed"


@dataclass
class Calls:
    changing: bool = False
    why_no_more: str | None = None
    patience: Patience = field(default_factory=Patience)


@dataclass
class Recorder:
    """A host that does nothing, and a watch: what was asked of them, in order."""

    domains: Sequence[Actual] = ()
    said: list[tuple[object, ...]] = field(default_factory=list)
    calls: Calls = field(default_factory=Calls)
    fails: str = ""
    uri: str = "qemu:///system"

    def __getattr__(self, name: str) -> Any:
        def ask(*given: object, **more: object) -> object:
            self.said.append((name, *given, *more.values()))
            if name == self.fails:
                raise Refused("libvirt says no")
            return A if name == "define" else None

        return ask

    def is_running(self, uuid: str) -> bool:
        return self.running_now(uuid)

    def inactive(self, uuid: str, secure: bool = False) -> bytes:
        return f"<domain>{uuid}</domain>".encode()

    def configuration(self, uuid: str) -> bytes | None:
        return next((each.inactive.data for each in self.domains if each.uuid == uuid), None)

    def running_now(self, uuid: str) -> bool:
        return any(each.running for each in self.domains if each.uuid == uuid)


Done = tuple[list[Outcome], list[tuple[object, ...]], list[object]]


def rolled_back(
    folder: Path, before: Sequence[Before], there: Sequence[Actual], fails: str = "", calls: Calls | None = None, **more: Any
) -> Done:
    folder.mkdir(exist_ok=True)
    host = Recorder(there, fails=fails, calls=calls or Calls())
    journal = Journal(folder, 1, JournalHead("rollback", "u", "n1", of=(1,)))
    work = Work(host, journal, DeployOptions(shutdown_timeout=5, force_off=True), host, PlanMode.ROLLBACK)  # type: ignore[arg-type]
    outcomes = work.carry_out(planned(before, there, **more))
    journal.close()
    assert host.calls.changing
    steps = read(folder / "000001.jsonl").steps
    return outcomes, host.said, [(tag(step), vars(step).get("name"), vars(step)["uuid"]) for step in steps]


def test_what_was_made_is_undefined(tmp_path: Path) -> None:
    outcomes, said, lines = rolled_back(tmp_path, [ABSENT], [NOW])
    assert outcomes == [Outcome("web", ("undefined, as it was not there before",))]
    assert said[:2] == [("expect", 1), ("undefine", "web", A)]
    assert lines == [("pruned", "web", A)]


def test_what_runs_is_stopped_only_where_that_was_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vmspec.deploy.apply.jobs", lambda host, uuid: ())
    running = replace(NOW, running=True)
    outcomes, said, lines = rolled_back(tmp_path / "no", [ABSENT], [running])
    assert (outcomes, said, lines) == ([], [("expect", 0)], [])
    _, said, lines = rolled_back(tmp_path / "yes", [ABSENT], [running], prune_running=True)
    assert said[1:3] == [("shut_down", "web", A, 5, True), ("undefine", "web", A)]
    assert lines == [("pruned", "web", A)]


def test_what_is_gone_is_defined_again(tmp_path: Path) -> None:
    outcomes, said, lines = rolled_back(tmp_path, [Before("web", A, OLD, autostart=True)], [])
    assert outcomes == [Outcome("web", ("restored",))]
    assert said[1:3] == [("define", "web", OLD, False), ("set_autostart", "web", A, True)]
    assert lines == [("defined", "web", A)]


def test_what_has_another_name_and_autostart(tmp_path: Path) -> None:
    _, said, _ = rolled_back(tmp_path, [Before("old", A, OLD)], [replace(NOW, autostart=True)])
    assert said[1:4] == [("rename", A, "web", "old"), ("define", "old", OLD, False), ("set_autostart", "old", A, False)]


def test_a_running_guest_is_marked_with_what_it_was_started_with(tmp_path: Path) -> None:
    running = replace(NOW, running=True, live=HostDefinition(NEW))
    _, said, _ = rolled_back(tmp_path, [WAS], [running])
    assert said[1:3] == [("mark", "web", A, mark_of(NEW)), ("define", "web", OLD, False)]
    for number, there in enumerate((NOW, replace(running, persistent=False), replace(running, live=HostDefinition(marked(NEW))))):
        _, said, _ = rolled_back(tmp_path / str(number), [WAS], [there])
        assert [call[0] for call in said] == ["expect", "define", "done"], number


def marked(data: bytes) -> bytes:
    mark = f"<m:r xmlns:m='https://vmspec.dev/xmlns/running/1' started-with='{mark_of(data)}'/>".encode()
    return data.replace(b"<metadata>", b"<metadata>" + mark)


def test_what_we_stopped_does_not_stay_so(tmp_path: Path) -> None:
    cut_off = {A: ""}
    outcomes, said, lines = rolled_back(tmp_path, [WAS], [SAME], interrupted=cut_off)
    assert outcomes == [Outcome("web", ("started",))]
    assert said[1] == ("start", "web", A)
    assert lines == [("started", None, A)]
    outcomes, said, _ = rolled_back(tmp_path / "gone", [WAS], [], interrupted=cut_off)
    assert outcomes == [Outcome("web", ("restored", "started"))]
    for number, (before, there) in enumerate(((WAS, replace(SAME, running=True)), (ABSENT, NOW))):
        _, said, _ = rolled_back(tmp_path / str(number), [before], [there], interrupted=cut_off)
        assert "start" not in [call[0] for call in said], number
    assert not planned([ABSENT], [], interrupted=cut_off).due


def test_a_refusal_leaves_the_others(tmp_path: Path) -> None:
    before = [Before("web", A, OLD, moved_to="m2"), Before("db", B, None)]
    there = [actual("db", "b")]
    outcomes, said, _ = rolled_back(tmp_path, before, there)
    assert outcomes == [Outcome("db", ("undefined, as it was not there before",))]
    assert [call[0] for call in said] == ["expect", "undefine", "done"]
    (refused,) = planned(before, there).refused
    assert refused.reason == "a deploy moved it to m2, which has it now: set its place back to this host and deploy"
    (here,) = planned([Before("web", A, OLD, moved_from="m1")], [NOW]).refused
    assert here.reason == "a deploy moved it here from m1, where nobody has it now: set its place to that and deploy"


def test_what_libvirt_refuses_and_what_is_not_begun(tmp_path: Path) -> None:
    outcomes, said, lines = rolled_back(tmp_path, [WAS], [NOW], fails="define")
    assert outcomes == [Outcome("web", error="libvirt says no")]
    assert (said[-1], lines) == (("done", "web failed"), [])
    broken = Calls(why_no_more="the connection broke")
    outcomes, said, _ = rolled_back(tmp_path / "broken", [WAS, Before("db", B, None)], [NOW], calls=broken)
    assert outcomes == [Outcome("web", error="the connection broke", begun=False)]
    assert [call[0] for call in said] == ["expect", "done"]


def test_what_somebody_has_changed_since_the_plan_is_left(tmp_path: Path) -> None:
    host = Recorder([replace(NOW, inactive=HostDefinition(OLD))])
    journal = Journal(tmp_path, 1, JournalHead("rollback", "u", "n1", of=(1,)))
    work = Work(host, journal, DeployOptions(), host, PlanMode.ROLLBACK)  # type: ignore[arg-type]
    (outcome,) = work.carry_out(planned([WAS], [NOW]))
    journal.close()
    assert outcome.moved
    assert "define" not in [call[0] for call in host.said]


VNC = "<graphics type='vnc' port='-1' autoport='yes'{}/>"


def test_a_display_that_had_a_password_is_not_left_open() -> None:
    had = Before("web", A, xml("web", A, devices=VNC.format("")), passwords=frozenset(("vnc",)))
    reason = "its vnc display had a password, which is kept nowhere: deploy the older sources"
    assert planned([had], []).vms[0].reason == reason
    assert planned([had], [replace(NOW, passwords=Passwords({}, {}))]).vms[0].reason == reason
    (vm,) = planned([had], [replace(NOW, passwords=Passwords({"vnc": "s3cret"}, {}))]).vms
    assert vm.domain is not None
    assert [each.passwd for each in vm.domain.graphics] == ["s3cret"]
    assert vm.spelling is None
    assert "s3cret" not in vm.digest


DISK = "<disk type='file' device='disk'><source file='{}'/><target dev='vda' bus='virtio'/></disk>"


def test_an_image_that_lies_on_the_old_one_stays(tmp_path: Path) -> None:
    base, top = ("path", "/x/base"), ("path", "/x/top")
    before = Before("web", A, xml("web", A, devices=DISK.format("/x/base")))
    layers = ImageLayers(chains={top: BackingChain((base,))})
    there = actual("web", "a", data=xml("web", A, devices=DISK.format("/x/top")), besides=Besides(layers=layers))
    (vm,) = planned([before], [there]).vms
    assert [(each.target, each.there, each.named) for each in vm.kept] == [("vda", top, base)]
    assert vm.spelling is None
    outcomes, said, _ = rolled_back(tmp_path, [before], [there])
    assert outcomes == [Outcome("web", ("restored", "vda stays on /x/top"))]
    assert b"/x/top" in said[1][2]  # type: ignore[operator]

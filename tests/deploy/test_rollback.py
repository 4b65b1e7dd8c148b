"""A rollback on a host that only writes down what is asked of it: which calls are made, in which order, and which never."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.plan.factories import actual, uuid, xml
from vmspec.base.record import replace
from vmspec.deploy.apply import DeployOptions, Outcome
from vmspec.deploy.binding import Refused
from vmspec.deploy.entry import Before, JournalEntry
from vmspec.deploy.journal import Journal
from vmspec.deploy.lines import read
from vmspec.deploy.rollback import Back, Undo, backs, roll_back, with_secrets
from vmspec.importing.host_domain import HostDefinition, mark_of
from vmspec.plan.state import Actual

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
}


@pytest.mark.parametrize("name", ACTIONS)
def test_what_is_done_to_one(name: str) -> None:
    before, there, action = ACTIONS[name]
    assert Back(before, there).action == action


def test_the_oldest_of_deploys_that_belong_together_knows_what_was_there() -> None:
    newest = JournalEntry(3, "deploy", True, (Before("web", A, NEW),), applied={A: b"three"})
    middle = JournalEntry(2, "deploy", False, (Before("web", A, b"two"), Before("db", "", None)), applied={A: b"two"}, created={"db": B})
    oldest = JournalEntry(1, "deploy", False, (WAS,), applied={B: b"one"})
    db = actual("db", "b")
    web, other = backs([newest, middle, oldest], [NOW, db])
    assert (web.before, web.there, web.applied.definition) == (WAS, NOW, HostDefinition(b"three"))
    assert (other.before.name, other.there, other.applied.definition) == ("db", db, HostDefinition(b"one"))
    assert backs([JournalEntry(1, "deploy", True, (Before("db", "", None),))], [db])[0].there is None, "a name alone is nobody's"


@dataclass
class Calls:
    changing: bool = False
    why_no_more: str | None = None


@dataclass
class Recorder:
    """A host that does nothing, and a watch: what was asked of them, in order."""

    said: list[tuple[object, ...]] = field(default_factory=list)
    calls: Calls = field(default_factory=Calls)
    secure: bytes = b""
    running: frozenset[str] = frozenset()
    fails: str = ""

    def __getattr__(self, name: str) -> Any:
        def ask(*given: object, **more: object) -> object:
            self.said.append((name, *given, *more.values()))
            if name == self.fails:
                raise Refused("libvirt says no")
            return given[0] if given else None

        return ask

    def inactive(self, uuid: str, secure: bool = False) -> bytes:
        return self.secure if secure else f"<domain>{uuid}</domain>".encode()

    def is_running(self, uuid: str) -> bool:
        return uuid in self.running


def rolled_back(
    folder: Path, host: Recorder, *found: Back, stop: bool = False, interrupted: frozenset[str] = frozenset()
) -> tuple[list[Outcome], list[tuple[object, ...]], list[object]]:
    journal = Journal(folder, 1, {"kind": "rollback", "uri": "u", "target": "n1", "of": [1]})
    undo = Undo(host, journal, DeployOptions(shutdown_timeout=5, force_off=True), stop, interrupted, host)  # type: ignore[arg-type]
    outcomes = roll_back(undo, found)
    journal.close()
    assert host.calls.changing
    return outcomes, host.said, [(line["step"], line.get("name"), line["uuid"]) for line in read(folder / "000001.jsonl")[1:]]


def test_what_was_made_is_undefined(tmp_path: Path) -> None:
    outcomes, said, lines = rolled_back(tmp_path, Recorder(), Back(ABSENT, NOW))
    assert outcomes == [Outcome("web", ("undefined, as it was not there before",))]
    assert said == [("expect", 1), ("undefine", "web", A), ("done", "web undefine")]
    assert lines == [("pruned", "web", A)]


def test_what_runs_is_stopped_only_where_that_was_said(tmp_path: Path) -> None:
    running = replace(NOW, running=True)
    outcomes, said, lines = rolled_back(tmp_path, Recorder(), Back(ABSENT, running))
    assert outcomes == [Outcome("web", error="the deploy created it and it runs: stop it, or say --prune-running")]
    assert (said, lines) == ([("expect", 1), ("done", "web failed")], [])
    (tmp_path / "000001.jsonl").unlink()
    _, said, lines = rolled_back(tmp_path, Recorder(), Back(ABSENT, running), stop=True)
    assert said[1:3] == [("shut_down", "web", A, 5, True), ("undefine", "web", A)]
    assert lines == [("pruned", "web", A)]


def test_what_is_gone_is_defined_again(tmp_path: Path) -> None:
    outcomes, said, lines = rolled_back(tmp_path, Recorder(), Back(Before("web", A, OLD, autostart=True), None))
    assert outcomes == [Outcome("web", ("restored",))]
    assert said[1:] == [("define", "web", OLD, False), ("set_autostart", "web", A, True), ("done", "web define")]
    assert lines == [("defined", "web", A)]


def test_what_has_another_name_and_autostart(tmp_path: Path) -> None:
    _, said, _ = rolled_back(tmp_path, Recorder(), Back(Before("old", A, OLD), replace(NOW, autostart=True)))
    assert said[1:] == [
        ("rename", A, "web", "old"), ("define", "old", OLD, False), ("set_autostart", "old", A, False), ("done", "old restore"),
    ]  # fmt: skip


def test_a_running_guest_is_marked_with_what_it_was_started_with(tmp_path: Path) -> None:
    running = replace(NOW, running=True, live=HostDefinition(NEW))
    _, said, _ = rolled_back(tmp_path, Recorder(), Back(WAS, running))
    assert said[1:3] == [("mark", "web", A, mark_of(NEW)), ("define", "web", OLD, False)]
    for number, there in enumerate((NOW, replace(running, persistent=False), replace(running, live=HostDefinition(marked(NEW))))):
        folder = tmp_path / str(number)
        folder.mkdir()
        _, said, _ = rolled_back(folder, Recorder(), Back(WAS, there))
        assert [call[0] for call in said] == ["expect", "define", "done"], number


def marked(data: bytes) -> bytes:
    mark = f"<m:r xmlns:m='https://vmspec.dev/xmlns/running/1' started-with='{mark_of(data)}'/>".encode()
    return data.replace(b"<metadata>", b"<metadata>" + mark)


def test_what_we_stopped_does_not_stay_so(tmp_path: Path) -> None:
    cut_off = frozenset((A,))
    outcomes, said, lines = rolled_back(tmp_path, Recorder(), Back(WAS, SAME), interrupted=cut_off)
    assert outcomes == [Outcome("web", ("started",))]
    assert said[1] == ("start", "web", A)
    assert lines == [("started", None, A)]
    for number, (host, back) in enumerate(((Recorder(running=cut_off), Back(WAS, SAME)), (Recorder(), Back(ABSENT, NOW)))):
        folder = tmp_path / str(number)
        folder.mkdir()
        _, said, _ = rolled_back(folder, host, back, interrupted=cut_off)
        assert "start" not in [call[0] for call in said], number


def test_a_refusal_leaves_the_others(tmp_path: Path) -> None:
    moved = Back(Before("web", A, OLD, moved_to="m2"), None)
    made = Back(Before("db", B, None), actual("db", "b"))
    outcomes, said, _ = rolled_back(tmp_path, Recorder(), moved, made)
    reason = "a deploy moved it to m2, which has it now: set its place back to this host and deploy"
    assert {each.name: (each.done, each.error) for each in outcomes} == {
        "web": ((), reason), "db": (("undefined, as it was not there before",), None),
    }  # fmt: skip
    assert [call[0] for call in said] == ["expect", "undefine", "done", "done"]
    here = Back(Before("web", A, OLD, moved_from="m1"), NOW)
    assert here.refusal == "a deploy moved it here from m1, where nobody has it now: set its place to that and deploy"


def test_what_libvirt_refuses_and_what_is_not_begun(tmp_path: Path) -> None:
    outcomes, said, lines = rolled_back(tmp_path, Recorder(fails="define"), Back(WAS, NOW))
    assert outcomes == [Outcome("web", error="libvirt says no")]
    assert (said[-1], lines) == (("done", "web failed"), [])
    (tmp_path / "000001.jsonl").unlink()
    host = Recorder(calls=Calls(why_no_more="the connection broke"))
    outcomes, said, _ = rolled_back(tmp_path, host, Back(WAS, NOW), Back(Before("db", B, None), None))
    assert outcomes == [Outcome("web", error="the connection broke", begun=False), Outcome("db")]
    assert [call[0] for call in said] == ["expect", "done"]


VNC = "<graphics type='vnc' port='-1' autoport='yes'{}/>"


def test_a_display_that_had_a_password_is_not_left_open() -> None:
    had = Before("web", A, xml("web", A, devices=VNC.format("")), passwords=frozenset(("vnc",)))
    with pytest.raises(Refused, match="its vnc display had a password, which is kept nowhere: deploy the older sources"):
        with_secrets(had, b"")
    with pytest.raises(Refused):
        with_secrets(had, xml("web", A, devices=VNC.format("")))
    assert b"passwd='s3cret'" in with_secrets(had, xml("web", A, devices=VNC.format(" passwd='s3cret'"))).replace(b'"', b"'")
    assert with_secrets(WAS, b"") == OLD

"""What a journal says after the process is gone: entries of its lines, what was deployed, what is to be undone, and who writes when."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest

from tests.deploy.test_journal import BEFORE, DEFINED, END, UUID, head, put
from vmspec.base.record import replace
from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.entry import JournalEntry, entry_of
from vmspec.deploy.journal import History, journals, next_number
from vmspec.deploy.lines import JournalText, read, tag
from vmspec.deploy.past import back_to, named, past, route
from vmspec.deploy.steps import FilesBefore, JournalHead
from vmspec.importing.host_domain import HostDefinition, mark_of
from vmspec.plan.restore import Before

OTHER = "6a8ef2c3-0a52-4dc1-9c34-0d3f1d6a4c11"
FOUND = {**BEFORE, "definition": "<domain id='found'/>"}
STOPPING, STARTED, RUNS_ON = ({"step": step, "uuid": UUID} for step in ("stopping", "started", "runs on"))


JournalLine: TypeAlias = dict[str, object]


def entry(*lines: JournalLine, **more: object) -> JournalEntry:
    """Of lines of version 1."""
    with TemporaryDirectory() as scratch:
        return entry_of(7, read(put(Path(scratch), 7, head(**more), *lines)))  # type: ignore[arg-type]


def test_an_entry_is_what_its_lines_say() -> None:
    found = entry(FOUND, {**DEFINED, "name": "b", "kept": {"vda": ["path", "/x/base"]}}, END)
    assert found.number == 7
    assert (found.kind, found.ended, found.failed, found.target, found.project) == ("deploy", True, False, "n1", "p")
    assert found.before == (Before("a", UUID, b"<domain id='found'/>"),)
    assert found.applied == {UUID: b"<domain/>"}
    assert found.created == {"b": UUID}
    assert found.kept == {UUID: {"vda": ("path", "/x/base")}}
    assert [tag(step) for step in found.steps] == ["before", "defined", "end"]
    assert (found.stopped, found.left, found.refused, found.of, found.files, found.pruned) == ({}, {}, {}, (), (), ())
    assert (found.head.when, found.head.by, found.head.uri) == ("2026-11-27T10:00:00Z", "me@here", "qemu:///system")


def test_what_was_there_before() -> None:
    whole = {**FOUND, "autostart": True, "running": True, "passwords": ["vnc"], "moved_from": "m1", "moved_to": "m2"}
    assert entry(whole).before == (Before("a", UUID, b"<domain id='found'/>", True, True, frozenset(("vnc",)), "m1", "m2"),)
    new = {"step": "before", "name": "a", "uuid": ""}
    assert entry(new).before == (Before("a", "", None),)
    assert entry(new, {**new, "name": "b"}).before == (Before("a", "", None), Before("b", "", None))


def test_a_domain_that_was_done_twice_has_what_was_there_before_our_own_definition() -> None:
    later = {**BEFORE, "definition": "<domain id='later'/>"}
    assert [each.definition for each in entry(FOUND, later).before] == [b"<domain id='later'/>"], "it was tried anew"
    assert [each.definition for each in entry(FOUND, DEFINED, later).before] == [b"<domain id='found'/>"], "later it is ours"
    other = {**later, "uuid": OTHER}
    assert [each.uuid for each in entry(FOUND, DEFINED, other, later).before] == [UUID, OTHER]


ENDS: dict[str, tuple[list[JournalLine], bool, bool]] = {
    "killed": ([FOUND], False, False),
    "whole": ([FOUND, END], True, False),
    "not all of it": ([FOUND, {"step": "end", "ok": False}], True, True),
    "failed and did not end": ([FOUND, {"step": "failed", "ok": False}], False, True),
}


@pytest.mark.parametrize("name", ENDS)
def test_how_far_it_came(name: str) -> None:
    lines, ended, failed = ENDS[name]
    found = entry(*lines)
    assert (found.ended, found.failed) == (ended, failed)


STOPS: dict[str, tuple[list[JournalLine], dict[str, bool]]] = {
    "stopped": ([STOPPING], {UUID: True}),
    "and started": ([STOPPING, STARTED], {UUID: False}),
    "and left running": ([STOPPING, RUNS_ON], {UUID: False}),
    "and stopped again": ([STOPPING, STARTED, STOPPING], {UUID: True}),
}


@pytest.mark.parametrize("name", STOPS)
def test_what_was_stopped(name: str) -> None:
    lines, stopped = STOPS[name]
    assert entry(*lines).stopped == stopped


def test_files_refusals_and_prunes() -> None:
    files = {"step": "files", "root": "/"}
    found = entry(
        files, {"step": "refused", "uuid": UUID, "paths": ["cpu.pin", "cpu.shares"]}, {"step": "pruned", "name": "a", "uuid": UUID}
    )
    assert found.files == (FilesBefore("/"),)
    assert found.refused == {UUID: {"cpu.pin", "cpu.shares"}}
    assert found.pruned == (UUID,)
    assert entry({**STOPPING, "from": "m1"}).left == {UUID: "m1"}


def test_whose_it_is() -> None:
    def is_of(target: str, asked: str | None, project: str = "p") -> bool:
        return entry(target=target).is_of(asked, project)

    assert is_of("n1", None, "other"), "without a program everything is meant"
    assert [is_of("n1", "n1"), is_of("n1", "n2"), is_of("n1", "n1", "other")] == [True, False, False]
    assert [is_of("qemu:///system", "qemu+ssh://h/system"), is_of("n1", "qemu:///system"), is_of("qemu:///system", "n1")] == [
        True,
        False,
        False,
    ]
    assert not entry(DEFINED).reported
    assert entry({"step": "reported"}).reported
    assert entry_of(1, JournalText(replace(entry().head, by=""))).reported, "an older vmc said nothing of it"
    assert entry_of(1, JournalText()) == JournalEntry(1, "", False, target="", project="")


# ---------------------------------------------------------------------------------------------------- the history


def definition(text: str) -> dict[str, object]:
    return {**DEFINED, "result": f"<domain>{text}</domain>"}


def test_the_newest_deploy_that_defined_it_is_the_last(tmp_path: Path) -> None:
    put(tmp_path, 1, head(), BEFORE, definition("one"), END)
    put(tmp_path, 2, head(), BEFORE, definition("two"), END)
    put(tmp_path, 3, head(), {**BEFORE, "uuid": OTHER}, {**definition("other"), "uuid": OTHER}, END)
    put(tmp_path, 4, head(), BEFORE, END)
    assert History(tmp_path).last(UUID) == HostDefinition(b"<domain>two</domain>")
    assert History(tmp_path).last("nobody") is None
    put(tmp_path, 5, head(), {**BEFORE, "uuid": OTHER})
    assert History(tmp_path).last(UUID) == HostDefinition(b"<domain>two</domain>"), "it was killed over another one"
    assert History(tmp_path).last(OTHER) is None
    put(tmp_path, 6, head(), BEFORE)
    assert History(tmp_path).last(UUID) is None, "what it has now nobody knows"


def test_configurations_that_a_domain_has_had(tmp_path: Path) -> None:
    put(tmp_path, 1, head(), FOUND, definition("one, sha-1"), END)
    put(tmp_path, 2, head(), {**BEFORE, "definition": "<domain>by hand</domain>"}, definition("two, sha-2"), END)
    put(tmp_path, 3, head(), {**FOUND, "uuid": OTHER}, {**definition("three, sha-1"), "uuid": OTHER}, END)
    put(tmp_path, 4, head(), {"step": "before", "name": "a", "uuid": UUID}, END)
    history = History(tmp_path)
    every = [b"<domain>two, sha-2</domain>", b"<domain>by hand</domain>", b"<domain>one, sha-1</domain>", b"<domain id='found'/>"]
    assert [each.data for each in history.deployed(UUID)] == every
    assert history.deployed_from(UUID, "sha-1") == HostDefinition(every[2])
    assert history.deployed_from(UUID, "sha-3") is None
    assert [history.started_with(UUID, mark_of(each)) for each in every] == [HostDefinition(each) for each in every]
    assert history.started_with(UUID, mark_of(b"<domain>three, sha-1</domain>")) is None
    assert history.started_with("nobody", mark_of(every[0])) is None


def test_images_that_were_kept_count_until_the_next_definition_or_prune(tmp_path: Path) -> None:
    put(tmp_path, 1, head(), BEFORE, {**DEFINED, "kept": {"vda": ["path", "/x/base"]}}, END)
    put(tmp_path, 2, head(), {**BEFORE, "uuid": OTHER}, {**DEFINED, "uuid": OTHER}, END)
    assert History(tmp_path).kept(UUID) == {"vda": ("path", "/x/base")}
    assert History(tmp_path).kept(OTHER) == History(tmp_path).kept("nobody") == {}
    put(tmp_path, 3, head(), BEFORE, {"step": "pruned", "name": "a", "uuid": UUID}, END)
    assert History(tmp_path).kept(UUID) == {}
    put(tmp_path, 3, head(), BEFORE, DEFINED, END)
    assert History(tmp_path).kept(UUID) == {}


def test_only_so_many_journals_are_read_for_what_was_stopped(tmp_path: Path) -> None:
    put(tmp_path, 1, head(), BEFORE, STOPPING)
    for number in range(2, 21):
        put(tmp_path, number, head(), END)
    assert History(tmp_path).interrupted() == {UUID: ""}
    put(tmp_path, 21, head(), END)
    assert History(tmp_path).interrupted() == {}


def test_several_folders_are_one_history_and_the_later_one_is_newer(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    put(old, 1, head(), BEFORE, definition("old one"), END)
    put(old, 2, head(), BEFORE, definition("old two"), END)
    put(new, 2, head(), BEFORE, definition("new two"), END)
    history = History(old, new)
    assert history.numbers() == [2, 1]
    assert [each.applied[UUID] for each in history.entries()] == [b"<domain>new two</domain>", b"<domain>old one</domain>"]
    assert history.entry(1) is history.entry(1)


def test_which_files_are_journals(tmp_path: Path) -> None:
    for name in ("000002.jsonl", "000010.jsonl.unreadable", "1234567.jsonl", "00001.jsonl", "x000001.jsonl", "000003.jsonl.bak", "lock"):
        (tmp_path / name).touch()
    assert {number: file.name for number, file in journals(tmp_path).items()} == {
        2: "000002.jsonl", 10: "000010.jsonl.unreadable", 1234567: "1234567.jsonl",
    }  # fmt: skip
    assert next_number(tmp_path) == 1234568
    assert journals(tmp_path / "none") == journals(tmp_path / "lock") == {}
    assert next_number(tmp_path / "none") == 1


UNDOABLE: dict[str, tuple[list[list[dict[str, object]]], list[int]]] = {
    "nothing was done": ([], []),
    "the last one": ([[head(), BEFORE, END], [head(), BEFORE, END]], [2]),
    "those that were killed before it": ([[head(), BEFORE, END], [head(), BEFORE], [head(), BEFORE], [head(), BEFORE, END]], [4, 3, 2]),
    "one that was killed": ([[head(), BEFORE, END], [head(), BEFORE]], [2]),
    "killed before it had begun": ([[head(), BEFORE, END], [head()]], [1]),
    "a deploy found nothing left to do": ([[head(), BEFORE, END], [head(), BEFORE], [head(), END], [head(), BEFORE]], [4]),
    "a deploy that did nothing": ([[head(), BEFORE, END], [head(), END]], [1]),
    "files alone": ([[head(), BEFORE, END], [head(), {"step": "files"}, END]], [2]),
    "it is undone": ([[head(), BEFORE, END], [head(), BEFORE, END], [head("rollback", of=[2]), BEFORE, END]], [1]),
    "its rollback was killed": ([[head(), BEFORE, END], [head(), BEFORE, END], [head("rollback", of=[2]), BEFORE]], [2]),
    "a rollback ends those that belong together": (
        [[head(), BEFORE], [head("rollback", of=[1]), BEFORE, END], [head(), BEFORE]], [3]
    ),
    "of another project": ([[head(), BEFORE, END], [head(project="q"), BEFORE, END]], [1]),
    "of another target": ([[head(), BEFORE, END], [head(target="n2"), BEFORE, END]], [1]),
}  # fmt: skip


@pytest.mark.parametrize("name", UNDOABLE)
def test_what_a_rollback_undoes(tmp_path: Path, name: str) -> None:
    written, numbers = UNDOABLE[name]
    for number, lines in enumerate(written, 1):
        put(tmp_path, number, *lines)
    assert [each.number for each in History(tmp_path).undoable("n1", "p")] == numbers


def test_a_rollback_does_not_pass_what_nobody_can_read(tmp_path: Path) -> None:
    put(tmp_path, 1, head(), BEFORE)
    put(tmp_path, 2, "{")
    with pytest.raises(HostError) as unknown:
        History(tmp_path).undoable("n1", "p")
    assert (unknown.value.diagnostic.code, unknown.value.diagnostic.help) == (
        codes.NOTHING_TO_ROLL_BACK,
        "`vmc history` lists all; --to 1 goes back beyond it",
    )
    put(tmp_path, 3, head(), BEFORE, END)
    assert [each.number for each in History(tmp_path).undoable("n1", "p")] == [3]
    history = History(tmp_path)
    assert [(each.number, each.kind) for each in history.entries()] == [(3, "deploy"), (2, "unknown"), (1, "deploy")]
    (warning,) = history.warnings
    assert warning.severity.value == "warning"
    assert (
        warning.message
        == f"{tmp_path}/000002.jsonl:1 is no JSON object: what that deploy did is not known, and deploy and rollback set it aside"
    )
    aside = History(tmp_path, set_aside=True)
    list(aside.entries())
    assert aside.warnings[0].message.endswith("is not known, and it is kept as 000002.jsonl.unreadable")


def test_the_past_as_a_list(tmp_path: Path) -> None:
    new = {"step": "before", "name": "b", "uuid": OTHER}
    pruned = {"step": "pruned", "name": "a", "uuid": UUID}
    made = {**DEFINED, "name": "b", "uuid": OTHER}
    put(tmp_path, 1, head(vmc="1.0"), BEFORE, new, DEFINED, made, {"step": "files"}, END)
    put(tmp_path, 2, head(project="q"), {**BEFORE, "uuid": OTHER}, BEFORE, pruned, {"step": "end", "ok": False})
    put(tmp_path, 3, head("rollback", of=[1]), BEFORE, DEFINED, END)
    first, second, third = reversed(past(History(tmp_path)))
    assert (first.number, first.when, first.kind, first.state) == (1, "2026-11-27T10:00:00Z", "deploy", "rolled back")
    assert (first.by, first.target, first.project, first.vmc, first.of) == ("me@here", "n1", "p", "1.0", ())
    assert (first.created, first.changed, first.pruned, first.files) == (1, 1, 0, True)
    assert (second.state, second.created, second.changed, second.pruned, second.files, second.project) == ("failed", 0, 0, 1, False, "q")
    put(tmp_path, 4, head(), BEFORE, {**new, "uuid": ""}, {**new, "name": "c"})
    cut_off = past(History(tmp_path))[0]
    assert (cut_off.state, cut_off.created, cut_off.changed, cut_off.pruned) == ("unfinished", 2, 1, 0), "what it was about"
    put(tmp_path, 4, head(), BEFORE, {**new, "uuid": ""}, {**new, "name": "c"}, made, END)
    whole = past(History(tmp_path))[0]
    assert (whole.state, whole.created, whole.changed, whole.pruned) == ("complete", 2, 0, 0), "what it did"
    assert (third.state, third.created, third.changed, third.pruned, third.of) == ("complete", 0, 1, 0, (1,))


def test_going_back_to_a_deploy(tmp_path: Path) -> None:
    put(tmp_path, 1, head(), BEFORE, END)
    put(tmp_path, 2, head(project="q"), BEFORE, END)
    put(tmp_path, 3, head(), END)
    put(tmp_path, 4, head(), {"step": "files"}, END)
    put(tmp_path, 5, head(), BEFORE, END)
    put(tmp_path, 6, head("rollback", of=[5]), BEFORE, END)
    put(tmp_path, 7, head(), BEFORE)
    history = History(tmp_path)
    assert [each.number for each in back_to(history, 1, "n1", "p")] == [7, 4]
    assert [each.number for each in back_to(history, 0, "n1", "p")] == [7, 4, 1]
    assert [each.number for each in back_to(history, 0, None, "")] == [7, 4, 2, 1]
    for number, said, help in (
        (2, "there is no deploy 2 in the journal: there are 1, 3, 4, 5, 6, 7", "`vmc history` lists them"),
        (5, "deploy 5 has been rolled back itself, by 6", "deploy its sources again"),
    ):
        with pytest.raises(HostError) as wrong:
            back_to(history, number, "n1", "p")
        assert (str(wrong.value), wrong.value.diagnostic.help, wrong.value.diagnostic.code) == (said, help, codes.NOTHING_TO_ROLL_BACK)
    with pytest.raises(HostError, match="there are none"):
        back_to(history, 9, "n1", "nobody")
    when = "of 2026-11-27T10:00:00Z"
    assert route(history, history.undoable("n1", "p"), "n1", "p") == f"back from deploy 7 {when} to deploy 4 {when}"
    assert named(entry_of(3, JournalText(JournalHead("deploy")))) == "deploy 3"

"""The journal: what can be read of it, what is set aside, and to where a rollback goes, killed or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.entry import UNKNOWN
from vmspec.deploy.journal import History
from vmspec.deploy.past import back_to, past, route, unreported
from vmspec.importing.host_domain import HostDefinition

UUID = "5a8ef2c3-0a52-4dc1-9c34-0d3f1d6a4c11"


def head(kind: str = "deploy", **more: object) -> dict[str, object]:
    when = "2026-11-27T10:00:00Z"
    return {"version": 1, "when": when, "by": "me@here", "kind": kind, "uri": "qemu:///system", "target": "n1", "project": "p", **more}


BEFORE = {"step": "before", "name": "a", "uuid": UUID, "definition": "<domain/>"}
DEFINED = {"step": "defined", "name": "a", "uuid": UUID, "result": "<domain/>"}
END = {"step": "end", "ok": True}


def put(folder: Path, number: int, *lines: object) -> Path:
    file = folder / f"{number:06d}.jsonl"
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return file


def deploys(folder: Path, *numbers: int) -> None:
    for number in numbers:
        put(folder, number, head(), BEFORE, DEFINED, END)


WRONG = {
    "no JSON": [head(), "{", END],
    "no object": [head(), [1], END],
    "deep": [head(), "[" * 100_000, END],
    "unknown step": [head(), {"step": "fly"}, END],
    "no step": [head(), {"uuid": UUID}, END],
    "a number for a name": [head(), {**BEFORE, "name": 7}, END],
    "a definition that is none": [head(), {**BEFORE, "definition": None}, END],
    "true for a text": [head(), {**DEFINED, "result": True}, END],
    "another kind": [head("fly"), END],
    "of is no list of numbers": [head("rollback", of=["1"]), END],
    "no head": [END, END],
    "a version that is no number": [{**head(), "version": "1"}, END],
    "true for a version": [{**head(), "version": True}, END],
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_is_set_aside(tmp_path: Path, name: str) -> None:
    deploys(tmp_path, 1)
    file = put(tmp_path, 2, *WRONG[name])
    held = file.read_bytes()
    looked = History(tmp_path)
    assert [entry.kind for entry in looked.entries()] == [UNKNOWN, "deploy"]
    assert [each.code for each in looked.warnings] == [codes.BAD_JOURNAL]
    assert file.exists(), "who only looks renames nothing"
    history = History(tmp_path, set_aside=True)
    assert history.last(UUID) == HostDefinition(b"<domain/>")
    assert not file.exists()
    assert (tmp_path / "000002.jsonl.unreadable").read_bytes() == held
    again = History(tmp_path)
    assert [each.state for each in past(again)] == ["unreadable", "complete"]
    assert again.warnings == []
    with pytest.raises(HostError, match="what deploy 2 did is not known"):
        again.undoable(None, "")
    assert [entry.number for entry in back_to(again, 0, None, "")] == [1]


def test_half_a_last_line_is_none(tmp_path: Path) -> None:
    put(tmp_path, 1, head(), BEFORE).open("a").write('{"step":"def')
    history = History(tmp_path)
    assert [(each.state, each.changed) for each in past(history)] == [("unfinished", 1)]
    assert history.warnings == []


def test_a_link_is_no_journal(tmp_path: Path) -> None:
    (tmp_path / "000001.jsonl").symlink_to(put(tmp_path, 7, head(), END))
    assert [each.state for each in past(History(tmp_path))] == ["complete", "unreadable"]


@pytest.mark.parametrize("version", [0, 3, 99])
def test_another_version_is_refused(tmp_path: Path, version: int) -> None:
    put(tmp_path, 1, {**head(), "version": version}, END)
    with pytest.raises(HostError, match=f"is of version {version}, and this vmc knows versions 1 to 2"):
        list(History(tmp_path, set_aside=True).entries())
    assert (tmp_path / "000001.jsonl").exists()


def test_a_rollback_names_from_where_to_where(tmp_path: Path) -> None:
    deploys(tmp_path, 1, 2, 3)
    history = History(tmp_path)
    found = history.undoable("n1", "p")
    when = "2026-11-27T10:00:00Z"
    assert route(history, found, "n1", "p") == f"back from deploy 3 of {when} to deploy 2 of {when}"
    assert route(history, back_to(history, 0, "n1", "p"), "n1", "p") == f"back from deploy 3 of {when} to before the first deploy"
    assert [entry.number for entry in back_to(history, 1, "n1", "p")] == [3, 2]
    assert back_to(history, 3, "n1", "p") == []
    with pytest.raises(HostError, match="there is no deploy 9 in the journal: there are 1, 2, 3"):
        back_to(history, 9, "n1", "p")


ROLLBACK = head("rollback", of=[3])


def test_a_rollback_that_was_killed_goes_no_further_when_it_is_run_again(tmp_path: Path) -> None:
    deploys(tmp_path, 1, 2, 3)
    for lines in ([], [DEFINED]):
        put(tmp_path, 4, ROLLBACK, *lines)
        assert [entry.number for entry in History(tmp_path).undoable("n1", "p")] == [3], "before its last line: the same again"
    put(tmp_path, 4, ROLLBACK, DEFINED, END)
    whole = unreported(History(tmp_path), "n1", "p")
    assert whole is not None, "whole, and nobody was told"
    assert whole.number == 4
    put(tmp_path, 4, ROLLBACK, DEFINED, END, {"step": "reported"})
    history = History(tmp_path)
    assert unreported(history, "n1", "p") is None
    assert [entry.number for entry in history.undoable("n1", "p")] == [2]
    assert [each.state for each in past(history)] == ["complete", "rolled back", "complete", "complete"]
    with pytest.raises(HostError, match="deploy 3 has been rolled back itself, by 4"):
        back_to(history, 3, "n1", "p")
    deploys(tmp_path, 5)
    assert [entry.number for entry in History(tmp_path).undoable("n1", "p")] == [5]
    assert [entry.number for entry in back_to(History(tmp_path), 1, "n1", "p")] == [5, 2]


def test_a_rollback_of_an_older_vmc_counts_as_reported(tmp_path: Path) -> None:
    deploys(tmp_path, 1, 2)
    old = {name: value for name, value in head("rollback", of=[2]).items() if name not in ("by", "project")}
    put(tmp_path, 3, old, END)
    assert unreported(History(tmp_path), None, "") is None
    assert [entry.number for entry in History(tmp_path).undoable("n1", "p")] == [1]


def test_spellings_of_a_uri_are_one_target(tmp_path: Path) -> None:
    put(tmp_path, 1, head(target="qemu:///system"), BEFORE, END)
    assert [entry.number for entry in History(tmp_path).undoable("qemu+unix:///system", "p")] == [1]
    assert History(tmp_path).undoable("n1", "p") == []
    assert History(tmp_path).undoable("qemu+unix:///system", "other") == []


def test_what_a_deploy_stopped_and_did_not_start_is_known_with_where_it_was(tmp_path: Path) -> None:
    stopping, started = {"step": "stopping", "uuid": UUID}, {"step": "started", "uuid": UUID}
    put(tmp_path, 1, head(), BEFORE, {**stopping, "from": "m1"}, started, END)
    assert History(tmp_path).interrupted() == {}
    put(tmp_path, 2, head(), BEFORE, {**stopping, "from": "m1"})
    assert History(tmp_path).interrupted() == {UUID: "m1"}
    put(tmp_path, 3, head(), BEFORE, {**stopping, "uuid": "other"})
    assert History(tmp_path).interrupted() == {UUID: "m1", "other": ""}
    put(tmp_path, 4, head(), BEFORE, stopping)
    assert History(tmp_path).interrupted() == {UUID: "", "other": ""}


def test_what_libvirt_refused_counts_until_the_next_deploy(tmp_path: Path) -> None:
    put(tmp_path, 1, head(), BEFORE, DEFINED, {"step": "refused", "uuid": UUID, "paths": ["cpu.pin"]}, END)
    assert History(tmp_path).refused(UUID) == {"cpu.pin"}
    assert History(tmp_path).refused("other") == set()
    deploys(tmp_path, 2)
    assert History(tmp_path).refused(UUID) == set()

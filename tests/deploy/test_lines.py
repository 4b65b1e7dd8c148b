"""The file of a journal: who may write it and when, and which line of it is wrong."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest

from tests.deploy.test_journal import BEFORE, DEFINED, END, UUID, head, put
from vmspec.base.record import replace
from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.journal import Journal, by_uri, locked
from vmspec.deploy.lines import TAGS, VERSION, JournalText, UnreadableJournal, head_line, line, read, tag
from vmspec.deploy.steps import (
    Defined,
    Ended,
    FileBefore,
    FilesBefore,
    JournalHead,
    JournalStep,
    LeftEarly,
    LeftRunning,
    NotWhole,
    Pruned,
    RefusedLive,
    Reported,
    SecretSet,
    Started,
    Stopping,
)
from vmspec.deploy.stop import Stop
from vmspec.plan.files import KnownFile
from vmspec.plan.restore import Before

STOPPING = {"step": "stopping", "uuid": UUID}
KNOWN = KnownFile("/etc/a", "0123", ("undo",), True, ("do",), {"a": "1"}, "4567")
STEPS: tuple[JournalStep, ...] = (
    Before("a", UUID, b"<domain/>", True, True, frozenset(("spice", "vnc")), "m1", "m2"),
    Before("b", "", None),
    Defined("a", UUID, "<domain>ä</domain>".encode(), {"vda": ("path", "/x")}),
    Pruned("a", UUID),
    Stopping(UUID, "m1"),
    LeftRunning(UUID),
    Started(UUID),
    RefusedLive(UUID, ("cpu.pin", "memory.current")),
    FilesBefore("/", (FileBefore(KNOWN, b"x\xff"), FileBefore(KNOWN))),
    SecretSet(UUID),
    LeftEarly("somebody asked"),
    NotWhole(),
    Reported(),
)


def test_a_journal_is_lines_that_read_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 3, JournalHead("deploy", "qemu:///system", "n1", "p"))
    journal.write(*STEPS)
    journal.write(Ended(ok=True), sync=False)
    journal.close()
    file = tmp_path / "000003.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    text = read(file)
    assert text.head is not None
    assert replace(text.head, when="", by="", vmc="") == JournalHead("deploy", "qemu:///system", "n1", "p")
    assert "@" in text.head.by
    assert len(text.head.when) == len("2026-11-27T10:00:00Z")
    assert text.steps == (*STEPS, Ended(ok=True))
    assert json.loads(file.read_text().splitlines()[0])["version"] == VERSION == 2
    assert file.read_bytes().isascii()
    assert b'": ' not in file.read_bytes()
    with pytest.raises(FileExistsError):
        Journal(tmp_path, 3, JournalHead())


@pytest.mark.parametrize("step", STEPS, ids=tag)
def test_a_step_says_each_field_and_no_other(tmp_path: Path, step: JournalStep) -> None:
    """A field that is left out, or that nobody knows, is a step that is misread."""
    held = json.loads(line(step))
    first = head_line(JournalHead("deploy", "u", "n1")).strip()
    wrong = [{name: value for name, value in held.items() if name != left} for left in held if left != "step"]
    for each in (*wrong, {**held, "more": 1}):
        with pytest.raises(UnreadableJournal, match=":2 has"):
            read(put(tmp_path, 1, first, each))
    assert read(put(tmp_path, 1, first, held)).steps == (step,)


def test_every_kind_of_step_is_tried() -> None:
    assert {type(step) for step in (*STEPS, Ended(ok=True))} == set(TAGS)


def test_after_half_a_line_there_is_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path, 1, JournalHead("deploy", "u", "n1"))
    real = os.write

    def half(descriptor: int, data: memoryview) -> int:
        if len(data) < 10:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[: len(data) - 5])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space"):
        journal.write(STEPS[0])
    monkeypatch.undo()
    with pytest.raises(OSError, match="the journal could not be written"):
        journal.write(Ended(ok=True))
    journal.close()
    assert read(tmp_path / "000001.jsonl").steps == ()


def test_a_write_that_is_cut_short_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path, 1, JournalHead("deploy", "u", "n1"))
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:3]))
    journal.write(*STEPS)
    monkeypatch.undo()
    journal.close()
    assert read(tmp_path / "000001.jsonl").steps == STEPS


def test_one_deploy_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "host"
    with locked(folder, "qemu:///system", 0, Stop()):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "lock").stat().st_mode & 0o777 == 0o600
        taken = os.open(folder / "lock", os.O_RDWR)
    with locked(folder, "qemu:///system", 0, Stop()):
        pass
    fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with pytest.raises(HostError) as busy, locked(folder, "qemu:///system", 0, Stop()):
        pass
    assert (str(busy.value), busy.value.diagnostic.help, busy.value.diagnostic.code) == (
        "another vmc is at work on qemu:///system", "wait for it: --lock-timeout SECONDS", codes.HOST_LOCKED,
    )  # fmt: skip
    os.close(taken)


def test_the_folder_of_a_host_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").touch()
    for name, what in (("link", "a link"), ("file", "no folder")):
        with pytest.raises(HostError) as wrong, locked(tmp_path / name, "u", 0, Stop()):
            pass
        assert (str(wrong.value), wrong.value.diagnostic.code) == (f"{tmp_path / name} is {what}", codes.STATE_LINK)
        assert wrong.value.diagnostic.help == "remove it, or say --state-dir"


def test_a_folder_by_uri() -> None:
    assert by_uri(Path("/s"), "qemu+ssh://root@h/system").name.startswith("qemu-ssh-root-h-system-")
    assert by_uri(Path("/s"), "qemu:///a") != by_uri(Path("/s"), "qemu://a")
    assert len(by_uri(Path("/s"), "x" * 200).name) == 40 + 1 + 10
    assert by_uri(Path("/s"), "q" * 39 + "-.x").name.startswith("q" * 39 + "-")


LINES: dict[str, tuple[list[object], str]] = {
    "no head": ([END], "1 has no proper 'version'"),
    "no kind": ([{**head(), "kind": "fly"}], "1 is of no kind that is known"),
    "of holds true": ([head("rollback", of=[True])], "1 is of no kind that is known"),
    "of is a text": ([head("rollback", of="1")], "1 has no proper 'of'"),
    "no uri": ([{name: value for name, value in head().items() if name != "uri"}], "1 has no proper 'uri'"),
    "by is a number": ([head(by=1)], "1 has no proper 'by'"),
    "no step": ([head(), {}], "2 is no step that is known"),
    "a step that is a number": ([head(), {"step": 1}], "2 is no step that is known"),
    "a name is missing": ([head(), END, {"step": "before", "uuid": UUID}], "3 has no proper 'name'"),
    "kept holds a number": ([head(), {**DEFINED, "kept": {"vda": 7}}], "2 has no proper 'kept'"),
    "a password's display is a number": ([head(), {**BEFORE, "passwords": [7]}], "2 has no proper 'passwords'"),
    "a file without its path": ([head(), {"step": "files", "root": "/", "files": [{}]}], "2 has no proper 'files'"),
    "kept is a list": ([head(), {**DEFINED, "kept": []}], "2 has no proper 'kept'"),
    "running is a number": ([head(), {**BEFORE, "running": 1}], "2 has no proper 'running'"),
    "from is a number": ([head(), {**STOPPING, "from": 1}], "2 has no proper 'from'"),
    "a list": ([head(), []], "2 is no JSON object"),
}


@pytest.mark.parametrize("name", LINES)
def test_which_line_is_wrong(tmp_path: Path, name: str) -> None:
    lines, said = LINES[name]
    with pytest.raises(UnreadableJournal) as wrong:
        read(put(tmp_path, 1, *lines))
    assert str(wrong.value) == f"{tmp_path / '000001.jsonl'}:{said}"


def test_what_is_no_journal_at_all(tmp_path: Path) -> None:
    with pytest.raises(UnreadableJournal) as absent:
        read(tmp_path / "none")
    assert str(absent.value) == f"{tmp_path / 'none'}: No such file or directory"
    (tmp_path / "link").symlink_to(tmp_path / "none")
    with pytest.raises(UnreadableJournal) as link:
        read(tmp_path / "link")
    assert str(link.value) == f"{tmp_path / 'link'} is a link"
    with pytest.raises(HostError) as newer:
        read(put(tmp_path, 2, {**head(), "version": 3}))
    assert (newer.value.diagnostic.code, newer.value.diagnostic.help) == (
        codes.JOURNAL_VERSION,
        "use the vmc that wrote it, or another --state-dir",
    )
    assert read(put(tmp_path, 3, json.dumps(head()))).steps == ()
    empty = tmp_path / "empty"
    empty.touch()
    assert read(empty) == JournalText()

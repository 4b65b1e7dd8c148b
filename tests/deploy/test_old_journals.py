"""Journals that an earlier vmc wrote are read for ever: files of version 1, as real deploys and a rollback left them, and the same ones as
version 2 writes them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.deploy.journal import History
from vmspec.deploy.lines import READ, VERSION, head_line, line, read, tag
from vmspec.deploy.past import past

JOURNALS = Path(__file__).parent / "journals"
VERSIONS = (1, 2)
WEB, DB = "df088288-0b56-5293-902b-52855f530faf", "38fc451c-25cf-5b64-b69f-66afe5249803"


@pytest.fixture(params=VERSIONS)
def history(request: pytest.FixtureRequest) -> History:
    return History(JOURNALS / f"v{request.param}")


def test_there_are_journals_of_every_version_that_is_read() -> None:
    assert VERSIONS == READ == (*range(1, VERSION + 1),)
    heads = [read(JOURNALS / f"v{version}" / "000001.jsonl").head for version in VERSIONS]
    assert None not in heads


@pytest.mark.parametrize("number", range(1, 6))
def test_both_versions_say_the_same(number: int) -> None:
    old, new = (read(JOURNALS / f"v{version}" / f"{number:06d}.jsonl") for version in VERSIONS)
    assert old == new


@pytest.mark.parametrize("number", range(1, 6))
def test_the_newest_version_is_what_is_written(number: int) -> None:
    file = JOURNALS / f"v{VERSION}" / f"{number:06d}.jsonl"
    text = read(file)
    assert text.head is not None
    assert head_line(text.head) + "".join(map(line, text.steps)) == file.read_text()


def test_what_was_done(history: History) -> None:
    shown = [(each.number, each.kind, each.state, each.created, each.changed, each.pruned, each.files) for each in past(history)]
    assert shown == [
        (5, "deploy", "unfinished", 0, 1, 0, False),
        (4, "deploy", "complete", 0, 0, 1, True),
        (3, "rollback", "complete", 0, 1, 0, True),
        (2, "deploy", "rolled back", 0, 1, 0, True),
        (1, "deploy", "complete", 2, 0, 0, True),
    ]
    assert history.warnings == []


def test_what_is_known_of_domains(history: History) -> None:
    last = history.last(WEB)
    assert last is not None
    assert last.data == b"<domain id='is'/>"
    assert history.kept(WEB) == {"vda": ("path", "/srv/base.qcow2")}
    assert history.refused(WEB) == {"memory.current"}
    assert [each.readable is not None for each in history.deployed(DB)] == [True] * 5
    assert history.interrupted() == {}, "it runs again"


def test_what_each_step_says(history: History) -> None:
    entry = history.entry(5)
    (before,) = entry.before
    assert (before.definition, before.autostart, before.running, before.moved_from) == (b"<domain id='was'/>", True, True, "m2")
    assert before.passwords == {"vnc"}
    assert [tag(step) for step in entry.steps] == ["before", "defined", "refused", "stopping", "runs on", "started", "secret", "left"]
    assert history.entry(3).of == (2,)
    assert history.entry(4).pruned == (DB,)

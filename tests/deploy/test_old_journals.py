"""Journals that an earlier vmc wrote are read for ever: files of version 1, as real deploys and a rollback left them."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.deploy.journal import History
from vmspec.deploy.past import past

V1 = Path(__file__).parent / "journals" / "v1"
WEB, DB = "df088288-0b56-5293-902b-52855f530faf", "38fc451c-25cf-5b64-b69f-66afe5249803"


@pytest.fixture
def history() -> History:
    return History(V1)


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
    assert entry.steps == ("before", "defined", "refused", "stopping", "runs on", "started", "secret", "left")
    assert history.entry(3).of == (2,)
    assert history.entry(4).pruned == (DB,)

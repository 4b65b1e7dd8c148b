"""The list of what was done to a host, and the way back to any of it; a rollback that is killed anywhere goes no further than it should."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs("libvirt", "schemas")

SMALL = """
abstract profile small extends std.base {{ type = qemu; cpu {{ count = 1; mode = maximum }}; memory.size = 64MiB }}
vm a extends small {{ title = "{0}"; tags = [web] }}
vm b extends small {{ title = "{0}" }}
"""
KILLED = -int(signal.SIGKILL)


def test_there_and_back(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:

        def titles() -> list[str]:
            return [re.findall("<title>(.*?)</title>", text)[0] for text in here.ask(["inactive", "a"], ["inactive", "b"])]

        for title in ("one", "two", "three", "four"):
            here.write(SMALL.format(title))
            here.vmc("deploy", code=0)
        (host,) = here.vmc("history", "--format", "json", paths=False, code=0).json["hosts"]
        listed = [(each["number"], each["state"], each["created"], each["changed"]) for each in host["history"]]
        assert listed == [(1, "complete", 2, 0), (2, "complete", 0, 2), (3, "complete", 0, 2), (4, "complete", 0, 2)]
        when = {each["number"]: each["when"] for each in host["history"]}
        assert all("@" in each["by"] for each in host["history"])

        # Killed before and after its last line, and run again: no further back.
        for point in ("before journal end", "after journal end"):
            here.vmc("rollback", paths=False, fault=point, code=KILLED)
            assert titles() == ["three", "three"]
        again = here.vmc("rollback", paths=False, code=0)
        assert titles() == ["three", "three"]
        assert "was whole when it was killed" in again.out
        further = here.vmc("rollback", code=0)
        assert f"back from deploy 3 of {when[3]} to deploy 2 of {when[2]}" in further.out
        assert titles() == ["two", "two"]

        # A part, and then all of the same.
        here.vmc("rollback", "--only", "nobody", code=2)
        assert "web-" not in here.vmc("rollback", "--only", "tag:web", "--dry-run", code=0).out
        here.vmc("rollback", "--only", "tag:web", code=0)
        assert titles() == ["one", "two"]
        here.vmc("rollback", "--to", "1", code=0)
        assert titles() == ["one", "one"]
        refused = here.vmc("rollback", "--to", "3", code=2)
        assert "deploy 3 has been rolled back itself" in refused.err
        here.vmc("rollback", "--to", "0", "--dry-run", code=0)
        here.vmc("rollback", "--to", "0", code=0)
        assert here.one("list") == []
        assert "rolled back" in here.vmc("history", code=0).out


def test_only(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(SMALL.format("one"))
        assert "chooses no VM" in here.vmc("plan", "--only", "web", code=2).err
        assert "did you mean `web`" in here.vmc("plan", "--only", "tag:wep", code=2).err
        plan = here.vmc("plan", "--only", "tag:web", "--format", "json", code=3).json
        assert [vm["name"] for vm in plan["hosts"][0]["vms"]] == ["a"]
        here.vmc("deploy", "--only", "a", code=0)
        assert here.one("list") == ["a"]
        here.vmc("verify", "--only", "a*", code=0)
        here.vmc("verify", code=3)
        here.vmc("deploy", code=0)
        here.write(SMALL.format("two").replace("vm b", "vm c"))
        here.vmc("deploy", "--only", "c", "--prune", code=0)
        assert here.one("list") == ["a", "b", "c"]
        assert "<title>one<" in here.one("inactive", "a")
        here.vmc("deploy", "--only", "b", "--prune", code=0)
        assert here.one("list") == ["a", "c"]


def test_a_journal_that_cannot_be_read(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        for title in ("one", "two"):
            here.write(SMALL.format(title))
            here.vmc("deploy", code=0)
        (last,) = (tmp_path / "state").glob("*/000002.jsonl")
        last.write_text(last.read_text().replace('"step":"before"', '"step":"befo', 1))
        plan = here.vmc("plan", code=0)
        assert "warning[8912 bad-journal]" in plan.err
        assert last.exists()
        here.write(SMALL.format("three"))
        deploy = here.vmc("deploy", code=0)
        assert "warning[8912 bad-journal]" in deploy.err
        assert not last.exists()
        assert last.with_name("000002.jsonl.unreadable").exists()
        here.vmc("rollback", code=0)
        assert "<title>two<" in here.one("inactive", "a")
        refused = here.vmc("rollback", code=2)
        assert "what deploy 2 did is not known" in refused.err
        here.vmc("rollback", "--to", "0", code=0)
        assert here.one("list") == []
        (first,) = (tmp_path / "state").glob("*/000001.jsonl")
        first.write_text(first.read_text().replace('"version":2', '"version":99'))
        for verb in ("plan", "deploy", "verify", "rollback", "history"):
            assert "is of version 99" in here.vmc(verb).err

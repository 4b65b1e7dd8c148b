"""Guests that boot are brought to the state that the program says, restarted one after the other, and left where one does not come up."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.kernel import Kernel

pytestmark = pytest.mark.needs("libvirt", "schemas", "kernel")

COMMON = """
abstract profile small extends std.base {{
  type = qemu
  cpu {{ count = 1; mode = maximum }}
  memory.size = 128MiB
  boot {{ kernel = "{kernel}"; initrd = "{initrd}"; cmdline = "console=ttyS0 quiet" }}
  power ?= running
  events {{ on-crash = {crash} }}
}}
vm web extends small {{ start-after = [vm(db)] }}
vm db extends small {{}}
vm spare extends small {{ power = off }}
"""
CUT = ("--allow-restart", "--force-off", "--shutdown-timeout", "0")


def kinds(ran: object) -> list[tuple[str, str]]:
    found = ran.json["findings"]  # type: ignore[attr-defined]
    return sorted((each["name"], each["message"]) for each in found if each["kind"] == "power")


def test_power_order_and_health(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site, sleeper

    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path)}
    with site(tmp_path) as here:
        here.write(COMMON.format(**given, crash="destroy"))
        here.vmc("deploy", code=0)
        plan = here.vmc("plan", code=0)
        assert "power: shut off → running (--start does it)" in plan.out
        assert kinds(here.vmc("verify", "--format", "json", code=3)) == [
            ("db", "it is shut off, and is to be running"),
            ("web", "it is shut off, and is to be running"),
        ]
        points = tmp_path / "points"
        here.vmc("deploy", "--start", fault=f"log:{points}", code=0)
        assert [line.partition(" ")[2] for line in points.read_text().splitlines() if "before start" in line] == [
            "before start db",
            "before start web",
        ]
        assert sorted(here.pids()) == ["db", "web"], "what is to be off is not started"
        here.vmc("verify", code=0)

        # Somebody starts the spare one; another is paused, and one is gone.
        here.ask(["start", "spare"], ["suspend", "web"])
        os.kill(here.pids()["db"], signal.SIGKILL)
        time.sleep(1)
        metrics = tmp_path / "vmspec.prom"
        found = here.vmc("verify", "--format", "json", "--prometheus", str(metrics), code=3)
        assert [name for name, _ in kinds(found)] == ["db", "spare", "web"]
        assert ("web", "it is paused, and is to be running") in kinds(found)
        assert metrics.read_text().count('kind="power"} 1') == 3
        here.vmc("deploy", "--start", code=0)
        assert sorted(here.pids()) == ["db", "spare", "web"], "what runs is not stopped without a word for it"
        here.vmc("deploy", *CUT, code=0)
        assert sorted(here.pids()) == ["db", "web"]
        here.vmc("verify", code=0)

        # One at a time, in order; and where the first does not come up, the next is left as it is.
        here.write(COMMON.format(**given, crash="restart"))
        before = here.pids()
        points.unlink()
        here.vmc("deploy", *CUT, fault=f"log:{points}", code=0)
        acts = [line.partition(" ")[2] for line in points.read_text().splitlines()]
        assert [act for act in acts if act.startswith("before start ")] == ["before start db", "before start web"]
        assert acts.index("after start db") < acts.index("before shutdown web")
        assert all(here.pids()[name] != pid for name, pid in before.items())
        here.write(COMMON.format(**given, crash="destroy"))
        before = here.pids()
        failed = here.vmc("deploy", *CUT, "--health", "agent", "--health-timeout", "2", code=5)
        assert "its agent does not answer 2 s after its start" in failed.out
        assert "web: updated; failed: left as it is, since db did not come up" in failed.out
        assert here.pids()["web"] == before["web"]
        assert here.pids()["db"] != before["db"]
        here.vmc("deploy", *CUT, "--health", "none", code=0)
        here.vmc("plan", code=0)


RESTARTED = """
abstract profile small extends std.base {{
  type = qemu
  cpu {{ count = 1; mode = maximum }}
  memory.size = 128MiB
  boot {{ kernel = "{kernel}"; initrd = "{initrd}"; cmdline = "console=ttyS0 quiet" }}
  events {{ on-crash = {crash} }}
}}
vm a-web extends small {{ restart {{ batch = 2; after = [vm(db)] }} }}
vm b-web extends small {{ restart {{ batch = 2; after = [vm(db)] }} }}
vm db extends small {{ restart {{ health = agent }} }}
"""


def test_a_vm_says_how_it_is_restarted(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site, sleeper

    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path)}
    with site(tmp_path) as here:
        points = tmp_path / "points"

        def restarted(crash: str, *words: str, code: int = 0) -> tuple[list[str], str]:
            here.write(RESTARTED.format(**given, crash=crash))
            points.unlink(missing_ok=True)
            ran = here.vmc("deploy", *CUT, *words, fault=f"log:{points}", code=code)
            return [line.partition(" ")[2] for line in points.read_text().splitlines()], ran.out

        here.write(RESTARTED.format(**given, crash="destroy"))
        here.vmc("deploy", "--start", code=0)
        before = here.pids()
        assert sorted(before) == ["a-web", "b-web", "db"]

        # The one that is waited for has no agent; the others are left as they are.
        _, said = restarted("restart", "--health-timeout", "2", code=5)
        assert "its agent does not answer 2 s after its start" in said
        assert "a-web: updated; failed: left as it is, since db did not come up" in said
        assert sorted(name for name, pid in before.items() if here.pids()[name] == pid) == ["a-web", "b-web"]

        # The flag comes first; db goes alone, and then both others at once.
        acts, _ = restarted("preserve", "--health", "none")
        assert acts.index("after start db") < min(acts.index(f"before start {name}") for name in ("a-web", "b-web"))
        assert max(acts.index(f"before start {name}") for name in ("a-web", "b-web")) < min(
            acts.index(f"after start {name}") for name in ("a-web", "b-web")
        )
        acts, _ = restarted("destroy", "--health", "none", "--batch", "1")
        assert acts.index("after start a-web") < acts.index("before start b-web")
        here.vmc("plan", code=0)

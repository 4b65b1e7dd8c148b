"""A deploy that is killed at any step loses nothing, restarts nothing, and the next one finishes it.

`VMSPEC_EVERY_FAULT=1` takes every point, which takes ten minutes and more; otherwise every seventh.
"""

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
  cpu.mode = maximum
  boot {{ kernel = "{kernel}"; initrd = "{initrd}"; cmdline = "console=ttyS0 quiet" }}
  memory.size = 128MiB
}}
vm runs extends small {{
  cpu {{ count = 1; cpuset = 0-1 }}
  vcpu 0 {{ pin = {pin} }}
  interface eth0 {{ source = user(); link = {link} }}
  description = "{what}"
  events {{ on-crash = {crash} }}
}}
vm rests extends small {{ cpu.count = {count}; autostart = {auto} }}
"""
ONE = {"pin": "0", "link": "up", "what": "one", "crash": "destroy", "count": 1, "auto": "false"}
TWO = {"pin": "1", "link": "down", "what": "two", "crash": "restart", "count": 2, "auto": "true"}
MORE = "vm more extends small { cpu.count = 1; autostart = true }\n"
FOREIGN = (
    "<domain type='qemu'><name>foreign</name><uuid>5a8ef2c3-0a52-4dc1-9c34-0d3f1d6a4c11</uuid><memory>65536</memory><vcpu>1</vcpu>"
    "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os></domain>"
)
WORDS = ("--prune", "--prune-running", "--force-off", "--shutdown-timeout", "0")


@pytest.mark.parametrize("direction", ["forth", "back"])
def test_killed_at_every_step(tmp_path: Path, kernel: Kernel, direction: str) -> None:
    from tests.real.site import site, sleeper

    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path)}
    one, two = COMMON.format(**given, **ONE), COMMON.format(**given, **TWO) + MORE
    before, after = (one, two) if direction == "forth" else (two, one)
    with site(tmp_path) as here:
        here.write(before)
        first = here.vmc("deploy")
        assert first.code == 0, first
        here.ask(["start", "runs"], ["define", FOREIGN])
        foreign = here.one("inactive", "foreign")
        pid = here.pids()["runs"]
        # A guest that starts has not the live state of everything at once; what is left is done here.
        here.vmc("deploy", *WORDS, code=0)
        stride = 1 if os.environ.get("VMSPEC_EVERY_FAULT") else 7
        steps, killed = (1 if direction == "forth" or stride == 1 else 4) - stride, -int(signal.SIGKILL)
        while True:
            steps += stride
            here.write(after)
            done = here.vmc("deploy", *WORDS, fault=str(steps))
            assert done.code in (0, killed), done
            there, now = here.ask(["list"], ["inactive", "foreign"])
            assert {"runs", "rests", "foreign"} <= set(there), f"lost after step {steps}: {there}"
            assert now == foreign
            assert here.pids().get("runs") == pid, f"restarted at step {steps}"
            again = here.vmc("deploy", *WORDS)
            assert again.code == 0, f"after step {steps}: {again}"
            plan = here.vmc("plan", *WORDS[:2])
            assert plan.code == 0, f"after step {steps}: {plan}"
            here.vmc("verify", code=0)
            assert here.one("list") == (["foreign", "more", "rests", "runs"] if after is two else ["foreign", "rests", "runs"])
            assert here.one("state", "rests")["autostart"] is (after is two)
            if done.code == 0:
                break
            # The rollback knows what was there before the killed one.
            back = here.vmc("rollback", "--prune-running", "--force-off", "--shutdown-timeout", "0", paths=False)
            assert back.code == 0, f"after step {steps}: {back}"
            here.write(before)
            left = here.vmc("deploy", *WORDS)
            assert left.code == 0, left
            assert here.pids()["runs"] == pid
        assert steps > 15, "the points are not where they should be"


RESTART = ("--allow-restart", "--force-off", "--shutdown-timeout", "0")


def test_killed_in_a_restart(tmp_path: Path, kernel: Kernel) -> None:
    """A guest that a killed deploy has stopped is started by the next one, which need not be told to."""
    from tests.real.site import site, sleeper

    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path)}
    with site(tmp_path) as here:
        here.write(COMMON.format(**given, **ONE))
        here.vmc("deploy", code=0)
        here.ask(["start", "runs"])
        log = tmp_path / "points"
        here.write(COMMON.format(**given, **TWO))
        here.vmc("deploy", *RESTART, fault=f"log:{log}", code=0)
        names = [line.partition(" ")[2] for line in log.read_text().splitlines()]
        words = ("stopping", "shutdown runs", "destroy runs", "start runs", "started")
        # By name: the numbers of points differ from run to run, since two domains are under way at once.
        points = [name for name in names if any(word in name for word in words)]
        assert len(points) >= 8, names
        states = [ONE, TWO] * len(points)
        for point, state in zip(points, states, strict=False):
            here.write(COMMON.format(**given, **state))
            killed = here.vmc("deploy", *RESTART, fault=point)
            assert killed.code == -int(signal.SIGKILL), killed
            without = here.vmc("deploy")
            assert without.code == 0, without
            assert "runs" in here.pids(), f"{point}: it is not left without power"
            again = here.vmc("deploy", *RESTART)
            assert again.code == 0, again
            assert f"<on_crash>{state['crash']}<" in here.one("live", "runs")
            here.vmc("plan", code=0)


def test_killed_while_its_power_is_cut(tmp_path: Path, kernel: Kernel) -> None:
    """libvirt then finds a guest that is about to end, and calls it running until it has looked."""
    from tests.real.site import site, sleeper

    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path)}
    with site(tmp_path) as here:
        here.write(COMMON.format(**given, **ONE))
        here.vmc("deploy", code=0)
        here.ask(["start", "runs"])
        here.write(COMMON.format(**given, **TWO))
        assert here.vmc("deploy", *RESTART, fault="after shutdown runs").code == -int(signal.SIGKILL)
        pid = here.pids()["runs"]
        os.kill(pid, signal.SIGSTOP)
        without = here.popen("deploy")
        time.sleep(3)
        os.kill(pid, signal.SIGKILL)
        out, err = without.communicate(timeout=60)
        assert without.returncode == 0, out + err
        assert here.pids().get("runs") not in (None, pid), out + err
        here.vmc("plan", code=0)

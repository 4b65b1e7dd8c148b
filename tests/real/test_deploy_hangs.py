"""A libvirtd that no longer answers, and a person who wants an end: every command ends, says what was done, and leaves no lock."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.daemon import Daemon

pytestmark = pytest.mark.needs("libvirt", "libvirtd", "schemas")

FLEET = """
vm "web-${n}" extends std.balanced {
  each $n in range(12)
  type = qemu
  cpu { count = 2; mode = maximum }
  memory.size = 256MiB
  description = "WHAT"
}
"""
PROBE = "<domain type='qemu'><name>probe</name><memory>65536</memory><os><type>hvm</type></os></domain>"
SHORT = ("--timeout", "4")


@dataclass
class Bench:
    folder: Path

    def write(self, what: str) -> None:
        (self.folder / "fleet.vmspec").write_text(FLEET.replace("WHAT", what))

    def popen(self, verb: str, *words: str) -> subprocess.Popen[str]:
        program = [] if verb == "rollback" else [str(self.folder / "fleet.vmspec")]
        command = [sys.executable, "-m", "vmspec.cli.main", verb, *words, *program, "--state-dir", str(self.folder / "state")]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ran(self, verb: str, *words: str, limit: float = 40.0) -> tuple[int, str]:
        return ended(self.popen(verb, *words), limit)

    def steps(self) -> list[list[object]]:
        files = sorted((self.folder / "state").glob("*/*.jsonl"))
        return [[json.loads(line).get("step") for line in file.read_text().splitlines()] for file in files]


def ended(process: subprocess.Popen[str], limit: float) -> tuple[int, str]:
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"it did not end within {limit:g} s\n{out}\n{err}") from None
    return process.returncode, out + err


def until(condition: object, limit: float = 30.0) -> None:
    assert callable(condition)
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.02)


@pytest.mark.parametrize("verb", ["plan", "deploy", "verify", "rollback"])
def test_a_frozen_libvirtd(tmp_path: Path, verb: str) -> None:
    from tests.real.daemon import daemon

    bench = Bench(tmp_path)
    bench.write("one")
    with daemon() as here:
        assert bench.ran("deploy", here.uri)[0] == 0
        bench.write("two")
        assert here.process is not None
        here.process.send_signal(signal.SIGSTOP)
        try:
            code, said = bench.ran(verb, here.uri, *SHORT, limit=30)
        finally:
            here.process.send_signal(signal.SIGCONT)
        assert code == 5, said
        assert "error[8011 no-answer]" in said
        assert "within 4 s" in said
        assert bench.ran("deploy", here.uri)[0] == 0


@pytest.mark.parametrize("calls", [3, 8, 24, 38])
def test_one_host_stops_answering_and_the_other_goes_on(tmp_path: Path, calls: int) -> None:
    from tests.real.daemon import daemon
    from tests.real.proxy import proxy

    bench = Bench(tmp_path)
    bench.write("one")
    with daemon() as here, daemon() as there, proxy(here.socket, tmp_path / "p", freeze_at=calls) as frozen:
        probed(here, there)
        code, said = bench.ran("deploy", frozen.uri, there.uri, *SHORT)
        assert code == 5, said
        assert said.count("error[8011") == 1, said
        assert f"{there.uri}: 12 done" in said
        made = [name for name in here.virsh("list", "--all", "--name").split() if name.startswith("web-")]
        # What libvirt has made is not called "nothing"; what was not tried is called so.
        assert all(f"{name}: nothing" not in said for name in made), said
        assert said.count("not begun") >= (12 - len(made) - 4 if "not begun" in said else 0)
        assert all("end" not in steps for steps in bench.steps() if "left" in steps)
        assert bench.ran("deploy", here.uri)[0] == 0
        assert bench.ran("plan", here.uri)[0] == 0


@pytest.mark.parametrize("calls", [22, 37])
def test_a_connection_that_breaks(tmp_path: Path, calls: int) -> None:
    from tests.real.daemon import daemon
    from tests.real.proxy import proxy

    bench = Bench(tmp_path)
    bench.write("one")
    with daemon() as here, proxy(here.socket, tmp_path / "p", close_at=calls) as broken:
        code, said = bench.ran("deploy", broken.uri)
        assert code == 5, said
        assert "error[8011 no-answer]: the connection to" in said
        lines = {line.strip().partition(":")[0]: line for line in said.splitlines() if line.strip().startswith("web-")}
        made = set(here.virsh("list", "--all", "--name").split())
        wrong = [line for name, line in lines.items() if ("created" in line) > (name in made)]
        assert not wrong
        assert bench.ran("deploy", here.uri)[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_at_the_next_safe_point(tmp_path: Path, number: signal.Signals) -> None:
    from tests.real.daemon import daemon
    from tests.real.proxy import proxy

    bench = Bench(tmp_path)
    bench.write("one")
    with daemon() as here, proxy(here.socket, tmp_path / "p", delay=0.15) as slow:
        running = bench.popen("deploy", slow.uri)
        until(lambda: any("defined" in steps for steps in bench.steps()))
        running.send_signal(number)
        code, said = ended(running, 20)
        made = here.virsh("list", "--all", "--name").split()
        assert code == 128 + number, said
        assert "error[8013 interrupted]" in said
        assert 0 < len(made) < 12
        assert sorted(line.split(":")[0].strip() for line in said.splitlines() if ": created" in line) == sorted(made)
        assert said.count("not begun") >= 12 - len(made)
        assert bench.steps()[-1][-1] == "left"
        assert bench.ran("deploy", here.uri)[0] == 0, "the lock is free, and the rest is done"
        assert len(here.virsh("list", "--all", "--name").split()) == 12
        # The one deploy that the two were is undone as one.
        assert bench.ran("rollback", here.uri)[0] == 0
        assert here.virsh("list", "--all", "--name").split() == []


@pytest.mark.parametrize("verb", ["plan", "deploy", "verify"])
def test_a_signal_while_the_host_is_read_ends_it_at_once(tmp_path: Path, verb: str) -> None:
    from tests.real.daemon import daemon
    from tests.real.proxy import proxy

    bench = Bench(tmp_path)
    bench.write("one")
    with daemon() as here, proxy(here.socket, tmp_path / "p", freeze_at=6) as frozen:
        running = bench.popen(verb, frozen.uri)
        until(lambda: len(frozen.procedures) >= 5)
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        code, said = ended(running, 3)
        assert code == 130, said
        assert "error[8013 interrupted]" in said
        assert here.virsh("list", "--all", "--name").split() == []


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    from tests.real.daemon import daemon

    bench = Bench(tmp_path)
    bench.write("one")
    with daemon() as here:
        assert here.process is not None
        running = bench.popen("deploy", here.uri)
        until(lambda: any("defined" in steps for steps in bench.steps()))
        here.process.send_signal(signal.SIGSTOP)
        try:
            running.send_signal(signal.SIGINT)
            time.sleep(0.5)
            running.send_signal(signal.SIGINT)
            code, said = ended(running, 20)
        finally:
            here.process.send_signal(signal.SIGCONT)
        assert code == 130, said
        assert bench.ran("deploy", here.uri)[0] == 0
        assert bench.ran("plan", here.uri)[0] == 0


def test_keepalive_finds_a_frozen_libvirtd_long_before_the_limit(tmp_path: Path) -> None:
    from tests.real.daemon import daemon
    from tests.real.proxy import proxy

    bench = Bench(tmp_path)
    bench.write("one")
    with daemon() as here, proxy(here.socket, tmp_path / "p", freeze_at=12) as frozen:
        code, said = bench.ran("plan", frozen.uri, "--timeout", "300", limit=40)
        assert code == 5, said
        assert "keepalive" in said
        assert os.path.exists(here.socket)  # noqa: PTH110


def probed(*daemons: Daemon) -> None:
    """Each has looked at QEMU once, which takes seconds: the limits here are shorter."""
    for each in daemons:
        each.virsh("define", "/dev/stdin", text=PROBE)
        each.virsh("undefine", "probe")


def test_round_trips(tmp_path: Path) -> None:
    """Beyond those of the plan, three a changed domain: is it what was planned for, the definition, what libvirt made of it."""
    from tests.real.daemon import daemon
    from tests.real.proxy import proxy

    bench = Bench(tmp_path)
    count, few = 12, 8
    with daemon() as here, proxy(here.socket, tmp_path / "p") as counted:
        for what in ("one", "two"):
            bench.write(what)
            assert bench.ran("plan", counted.uri)[0] == 3
            plan = len(counted.procedures)
            assert bench.ran("deploy", counted.uri)[0] == 0
            assert len(counted.procedures) - plan - plan <= 3 * count + few, what
            counted.procedures.clear()

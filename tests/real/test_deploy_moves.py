"""A VM runs on one host of the program at a time: two libvirtds, each with a host UUID of its own, and guests that boot."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.daemon import Daemon
    from tests.real.kernel import Kernel
    from tests.real.site import Ran

pytestmark = pytest.mark.needs("libvirt", "libvirtd", "schemas", "kernel")

PROGRAM = """
host m1 {{ uri = "{m1}"; {storage} }}
host m2 {{ uri = "{m2}"; {storage} }}
vm box extends std.base {{
  type = qemu
  cpu {{ count = 1; mode = maximum }}
  memory.size = 128MiB
  boot {{ kernel = "{kernel}"; initrd = "{initrd}"; cmdline = "console=ttyS0 quiet" }}
  place = host({place})
  {more}
}}
"""
NOW = ("--allow-restart", "--force-off", "--shutdown-timeout", "0")


@dataclass
class Pair:
    m1: Daemon
    m2: Daemon
    folder: Path
    given: dict[str, str]

    def write(self, place: str, more: str = "", storage: str = "") -> None:
        uris = {"m1": self.m1.uri, "m2": self.m2.uri}
        (self.folder / "fleet.vmspec").write_text(PROGRAM.format(**self.given, **uris, place=place, more=more, storage=storage))

    def vmc(self, verb: str, *words: str, code: int | None = None, fault: str | None = None) -> Ran:
        from tests.real.site import Ran

        command = [sys.executable, "-m", "vmspec.cli.main", verb, *words, str(self.folder / "fleet.vmspec")]
        command += ["--state-dir", str(self.folder / "state")]
        environment = {k: v for k, v in os.environ.items() if k != "VMC_FAULT"} | ({} if fault is None else {"VMC_FAULT": fault})
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=self.folder, check=False, timeout=240)
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert code in (None, ran.code), ran
        return ran

    def where(self) -> tuple[list[str], list[str]]:
        """The hosts that have the guest, and those that run it."""
        hosts = {"m1": self.m1, "m2": self.m2}
        there = [name for name, host in hosts.items() if "box" in host.virsh("list", "--all", "--name").split()]
        return there, [name for name in there if "box" in hosts[name].virsh("list", "--name").split()]


@contextmanager
def pair(kernel: Kernel, folder: Path) -> Iterator[Pair]:
    from tests.real.daemon import daemon
    from tests.real.site import sleeper

    with ExitStack() as stack:
        m1, m2 = (stack.enter_context(daemon(f"0d0d0d0d-1111-4222-8333-00000000000{n}")) for n in (1, 2))
        for file, name in ((kernel.image, "kernel"), (sleeper(kernel, folder), "initrd")):
            # What a guest of another user can read.
            shutil.copy(file, m1.home / name)
            (m1.home / name).chmod(0o644)
        (folder / "vmspec.toml").write_text('id = "7d6a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a11"\n')
        yield Pair(m1, m2, folder, {"kernel": str(m1.home / "kernel"), "initrd": str(m1.home / "initrd")})


def test_a_changed_place_is_a_move(tmp_path: Path, kernel: Kernel) -> None:
    with pair(kernel, tmp_path) as two:
        two.write("m1")
        two.vmc("deploy", "--all", "--start", code=0)
        assert two.where() == (["m1"], ["m1"])
        two.write("m2")
        shown = two.vmc("plan", "--all", "--allow-restart", "--format", "json", code=3)
        one, other = json.loads(shown.out)["hosts"]
        assert [each["name"] for each in one["leaving"]] == ["box"]
        assert [(vm["action"], vm["moves_from"]) for vm in other["vms"]] == [("move", "m1")]
        refused = two.vmc("deploy", "--all", "--start", "--prune-running", code=5)
        assert "it runs on m1: --allow-restart stops it there and starts it here" in refused.out
        assert two.where() == (["m1"], ["m1"])
        two.vmc("deploy", "m2", *NOW, code=0)
        assert two.where() == (["m2"], ["m2"])
        two.vmc("plan", "--all", code=0)
        two.vmc("verify", "--all", code=0)
        # Off, it moves without a word; and back by two rollbacks.
        two.m2.virsh("destroy", "box")
        two.write("m1")
        two.vmc("deploy", "--all", code=0)
        assert two.where() == (["m1"], [])
        two.vmc("plan", "--all", code=0)


def test_what_has_moved_by_hand_is_not_made_again(tmp_path: Path, kernel: Kernel) -> None:
    with pair(kernel, tmp_path) as two:
        two.write("m1")
        two.vmc("deploy", "m1", "--start", code=0)
        # As after `virsh migrate --live`, which leaves a guest without a definition on its new host.
        xml = tmp_path / "box.xml"
        xml.write_text(two.m1.virsh("dumpxml", "--inactive", "box"))
        two.m1.virsh("destroy", "box")
        two.m1.virsh("undefine", "box")
        two.m2.virsh("create", str(xml))
        refused = two.vmc("deploy", "--all", "--start", code=5)
        assert "it runs on m2" in refused.out
        assert two.where() == (["m2"], ["m2"])
        assert "it runs on m2" in two.vmc("verify", "--all", code=3).out
        two.write("m2")
        two.vmc("deploy", "--all", code=0)
        two.vmc("plan", "--all", "--start", code=0)
        assert two.where() == (["m2"], ["m2"])


def test_a_host_that_cannot_be_looked_at(tmp_path: Path, kernel: Kernel) -> None:
    with pair(kernel, tmp_path) as two:
        two.write("m1")
        two.vmc("deploy", "m1", code=0)
        two.m1.kill()
        two.write("m2")
        refused = two.vmc("deploy", "m2", "--start", code=5)
        assert "m1 cannot be looked at, and may have it" in refused.out
        two.vmc("deploy", "m2", "--start", "--gone", "m1", code=0)
        two.m1.start()
        assert two.where() == (["m1", "m2"], ["m2"])
        two.vmc("deploy", "m1", "--prune", code=0)
        assert two.where() == (["m2"], ["m2"])


def test_what_the_other_host_does_not_see_holds_it(tmp_path: Path, kernel: Kernel) -> None:
    with pair(kernel, tmp_path) as two:
        folder = two.m1.home / "images"
        folder.mkdir()
        image = folder / "box.raw"
        image.write_bytes(bytes(1 << 20))
        shutil.chown(image, 65534, 65534)
        disk = f'disk vda {{ source = file("{image}", format = raw) }}'
        two.write("m1", disk)
        two.vmc("deploy", "m1", "--start", code=0)
        two.write("m2", disk)
        refused = two.vmc("deploy", "--all", *NOW, code=5)
        assert f"it cannot move from m1, which alone has {image} (image)" in refused.out
        assert two.where() == (["m1"], ["m1"])
        two.write("m2", disk, f'storage san {{ kind = dir; path = "{folder}"; shared = true }}')
        two.m1.virsh("managedsave", "box")
        refused = two.vmc("deploy", "--all", *NOW, code=5)
        assert "its saved state" in refused.out
        two.m1.virsh("managedsave-remove", "box")
        two.m1.virsh("start", "box")
        two.vmc("deploy", "--all", *NOW, code=0)
        assert two.where() == (["m2"], ["m2"])


def test_killed_between_stop_and_start(tmp_path: Path, kernel: Kernel) -> None:
    """Wherever it is cut off, it is never in two places at once, and the next deploy leaves it running in one."""
    with pair(kernel, tmp_path) as two:
        two.write("m1")
        two.vmc("deploy", "m1", "--start", code=0)
        log = tmp_path / "points"
        two.write("m2")
        two.vmc("deploy", "--all", *NOW, fault=f"log:{log}", code=0)
        names = list(dict.fromkeys(line.partition(" ")[2] for line in log.read_text().splitlines()))
        words = ("define box", "stopping", "shutdown box", "destroy box", "undefine box", "started", "start box", "journal end")
        points = [name for name in names if any(word in name for word in words)]
        assert len(points) >= 12, names
        places = ["m1", "m2"] * len(points)
        for point, place in zip(points, places, strict=False):
            two.write(place)
            killed = two.vmc("deploy", "--all", *NOW, fault=point)
            assert killed.code == -int(signal.SIGKILL), f"{point}: {killed}"
            there, runs = two.where()
            assert there, f"{point}: it is nowhere"
            assert len(runs) <= 1, f"{point}: it runs on {runs}"
            if not runs:
                shown = two.vmc("plan", "--all")
                assert "unfinished: a deploy was cut off while it moved it from" in shown.out, f"{point}: {shown}"
            again = two.vmc("deploy", "--all", *NOW)
            assert again.code == 0, f"{point}: {again}"
            assert two.where() == ([place], [place]), f"{point}: {two.where()}"
            two.vmc("plan", "--all", code=0)

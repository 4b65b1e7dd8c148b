"""A host of its own for the tests of deploy: a root of the embedded driver, a program, a state directory, and vmc as its users run it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.embedded import keep_capabilities
from tests.real.embedded import make_root as make_swept_root
from tests.real.kernel import Kernel, initramfs
from tests.real.reaper import adopt_orphans

INIT = """\
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
for name in $(/bin/busybox cat /etc/load); do /bin/busybox insmod /lib/modules/*/$name.ko; done
echo up > /dev/ttyS0
while true; do /bin/busybox sleep 1000; done
"""
"""A guest that is up until its power goes."""


@dataclass(frozen=True)
class Ran:
    """What vmc said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def __str__(self) -> str:
        return f"exit code {self.code}\n{self.out}\n{self.err}"


@dataclass
class Site:
    root: Path
    folder: Path
    inside: tuple[str, ...] = ()
    """The command that enters the network namespace that everything here happens in; none: that of the tests."""

    @property
    def uri(self) -> str:
        return f"qemu:///embed?root={self.root}"

    @property
    def program(self) -> Path:
        return self.folder / "project"

    def write(self, text: str, name: str = "fleet.vmspec") -> None:
        (self.program / name).write_text(text)

    def vmc(self, *words: str, code: int | None = None, fault: str | None = None, limit: float = 120.0, paths: bool = True) -> Ran:
        """`vmc VERB…` on this host and program; `code` is asserted."""
        done = self.popen(*words, fault=fault, paths=paths)
        try:
            out, err = done.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            done.send_signal(signal.SIGKILL)
            out, err = done.communicate()
            raise AssertionError(f"vmc {' '.join(words)} did not end within {limit:g} s\n{out}\n{err}") from None
        ran = Ran(done.returncode, out, err)
        assert code in (None, ran.code), ran
        return ran

    def popen(self, *words: str, fault: str | None = None, paths: bool = True) -> subprocess.Popen[str]:
        verb, *rest = words
        command = [*self.inside, sys.executable, "-m", "vmspec.cli.main", verb, self.uri, *([str(self.program)] if paths else []), *rest]
        command += ["--state-dir", str(self.folder / "state")]
        environment = {k: v for k, v in os.environ.items() if k != "VMC_FAULT"} | ({} if fault is None else {"VMC_FAULT": fault})
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=self.folder)

    def ask(self, *acts: Sequence[Any]) -> list[Any]:
        """By hand, past vmc: see `peek`."""
        words = [*self.inside, sys.executable, "-m", "tests.real.peek", self.uri]
        done = subprocess.run(words, input=json.dumps(acts), capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        found: list[Any] = json.loads(done.stdout)
        return found

    def one(self, *act: Any) -> Any:
        return self.ask(act)[0]

    def pids(self) -> dict[str, int]:
        """Of the running guests, from QEMU's own files: the same number means the same process."""
        found = {path.stem: int(path.read_text()) for path in (self.root / "run" / "qemu").glob("*.pid") if path.stem != "driver"}
        return {name: pid for name, pid in found.items() if _alive(pid)}

    def clear(self) -> None:
        for pid in self.pids().values():
            os.kill(pid, signal.SIGKILL)
        for _ in range(200):
            if not self.pids():
                break
            time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return "qemu" in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return False


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Empty; everything on it is gone at the end."""
    adopt_orphans()
    here = Site(_root(), folder)
    here.program.mkdir()
    (here.program / "vmspec.toml").write_text('id = "7d6a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a11"\n')
    try:
        yield here
    finally:
        here.clear()
        keep_capabilities(here.root)
        shutil.rmtree(here.root, ignore_errors=True)


@contextmanager
def bridged(here: Site, *bridges: str) -> Iterator[None]:
    """A network namespace with these bridges, for what the guests of this host are plugged into."""
    name = here.root.name
    commands = [["ip", "netns", "add", name], *(["ip", "-n", name, "link", "add", bridge, "up", "type", "bridge"] for bridge in bridges)]
    try:
        for command in commands:
            subprocess.run(command, check=True)
        # Not `ip netns exec`, which mounts a /sys of its own and so hides the control groups.
        here.inside = ("nsenter", f"--net=/run/netns/{name}")
        yield
    finally:
        here.inside = ()
        here.clear()
        subprocess.run(["ip", "netns", "delete", name], check=True)


def _root() -> Path:
    """Not by a name that other sessions sweep: between two calls of vmc no driver runs on it."""
    made = make_swept_root()
    return made.rename(made.with_name(made.name.replace("vmreal-", "vmsite-")))


def sleeper(kernel: Kernel, folder: Path) -> Path:
    """An initramfs of a guest that boots, loads its balloon driver and sleeps."""
    names = ("virtio_pci", "virtio_balloon", "virtio_blk", "virtio_net")
    file = folder / "sleeper.img"
    file.write_bytes(initramfs(kernel, names, names, {"init": INIT.encode()}))
    return file

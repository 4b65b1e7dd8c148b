"""A libvirtd of its own, unprivileged and in directories of its own; it can be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

NOBODY = 65534


@dataclass
class Daemon:
    home: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.home / "run" / "libvirt" / "libvirt-sock"

    @property
    def uri(self) -> str:
        return f"qemu+unix:///session?socket={self.socket}"

    def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            **{f"XDG_{name}": str(self.home / folder) for name, folder in FOLDERS.items()},
        }
        self.process = subprocess.Popen(
            ["libvirtd"], env=environment, user=NOBODY, group=NOBODY, extra_groups=(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(600):
            if self.socket.exists() and self.answers():
                return
            time.sleep(0.05)
        raise TimeoutError("libvirtd does not answer")

    def answers(self) -> bool:
        return subprocess.run(["virsh", "-q", "-c", self.uri, "list"], capture_output=True, check=False).returncode == 0

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def virsh(self, *words: str, text: str | None = None) -> str:
        return subprocess.run(["virsh", "-q", "-c", self.uri, *words], input=text, capture_output=True, text=True, check=True).stdout


FOLDERS = {"RUNTIME_DIR": "run", "CONFIG_HOME": "config", "CACHE_HOME": "cache", "DATA_HOME": "data", "STATE_HOME": "state"}


@contextmanager
def daemon(host_uuid: str | None = None) -> Iterator[Daemon]:
    """`host_uuid`: it says that it is of another host than this machine."""
    home = Path(tempfile.mkdtemp(prefix="vmd-", dir="/tmp"))
    for folder in ("", *FOLDERS.values(), "config/libvirt"):
        (home / folder).mkdir(exist_ok=True)
        os.chown(home / folder, NOBODY, NOBODY)
    # Else all of them have the machine's, and are one host.
    (home / "config" / "libvirt" / "libvirtd.conf").write_text(f'host_uuid = "{host_uuid or uuid4()}"\n')
    here = Daemon(home)
    here.start()
    try:
        yield here
    finally:
        here.kill()
        for file in (home / "run").rglob("*.pid"):  # of its guests
            with suppress(OSError, ValueError):
                if b"qemu" in Path(f"/proc/{int(file.read_text())}/cmdline").read_bytes():
                    os.kill(int(file.read_text()), signal.SIGKILL)
        for file in home.rglob("qmp.pid"):  # of a probe that its libvirtd did not live to end
            with suppress(OSError, ValueError):
                os.kill(int(file.read_text()), signal.SIGKILL)
        shutil.rmtree(home, ignore_errors=True)

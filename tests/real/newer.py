"""The real QEMU driver of another libvirt (tests/libvirts.py), in a process of its own.

It runs by chroot in its folder, in namespaces of mounts and processes: nothing stays mounted, and no guest outlives it.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.libvirts import LIBVIRTS, Libvirt

_HERE = Path(__file__).with_name("newer_driver.py")
_MOUNTS = """
set -e
mount --bind /dev "$1/dev"; mount -t proc proc "$1/proc"; mount -t sysfs -o ro sysfs "$1/sys"; mount -t tmpfs tmpfs "$1/run"
chroot "$1" /usr/bin/python3 -c "$2"
exit
"""
"""The shell stays: as the first process it reaps orphans, and the driver waits up to 80 s for a QEMU that nobody has reaped."""


@dataclass(frozen=True)
class Refusal:
    """What libvirt said to a definition that it refuses."""

    error: str
    code: int


class Driver:
    """An open driver."""

    def __init__(self, libvirt: Libvirt, process: subprocess.Popen[str]) -> None:
        self.libvirt = libvirt
        self._process = process

    def ask(self, do: str, **values: object) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **values}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the driver of {self.libvirt.name} ended: {self._process.wait()}")
        answer = json.loads(line)
        return Refusal(answer["error"], answer["code"]) if isinstance(answer, dict) and "code" in answer else answer

    def define(self, xml: str, *, validate: bool = True) -> str | Refusal:
        """The definition as this libvirt keeps it, or why it refuses it."""
        answer: str | Refusal = self.ask("define", xml=xml, validate=validate)
        return answer

    @property
    def versions(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Of libvirt and of its QEMU."""
        library, qemu = ((number // 1_000_000, number // 1_000 % 1_000, number % 1_000) for number in self.ask("version"))
        return library, qemu


@contextlib.contextmanager
def newer(name: str) -> Iterator[Driver]:
    """The driver of `libvirt-11` or `libvirt-12`; its state is dropped at the next opening, but for what it knows of its QEMUs."""
    libvirt = LIBVIRTS[name]
    for left in ("etc", "lib", "run"):
        shutil.rmtree(libvirt.root / "tmp" / "embed" / left, ignore_errors=True)
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _MOUNTS, "sh", str(libvirt.root), _HERE.read_text()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Driver(libvirt, process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)

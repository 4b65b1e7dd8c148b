"""Boots the machine and returns what it printed."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.facts.system import Gathered, gathered
from vmspec.deploy.rehearsal.shape import Shape, machine
from vmspec.deploy.rehearsal.system import Kernel, overlay
from vmspec.deploy.stop import Stop

PROBE = Path(__file__).with_name("probe.sh")
OURS = (
    "no_timer_check console=ttyS0 rdinit=/vmspec/init panic=-1 systemd.show_status=0 "
    "systemd.mask=serial-getty@ttyS0.service systemd.mask=getty@tty1.service"
)
"""Arguments that the rehearsal needs, after the host's. Without the first a kernel that is emulated on a busy machine may panic: it counts
the ticks of a tenth of a second (timer_irq_works, arch/x86/kernel/apic/io_apic.c of Linux 6.1; seen)."""
INIT = b"#!/bin/sh\nmount -t proc proc /proc\ndepmod -a\numount /proc\nexec /lib/systemd/systemd\n"
UNIT = b"""[Unit]
DefaultDependencies=no
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/vmspec/probe
StandardOutput=null
"""
UNITS = "etc/systemd/system/"
NOT_HERE = "vmspec-vfio.service"
"""Its devices are the host's."""
POLL = 0.2


def booted(
    shape: Shape, kernel: Kernel, root: Path, line: str, files: Mapping[str, bytes], look: bytes, limit: float, stop: Stop
) -> Gathered:
    """Raises HostError where the machine does not come up within `limit` seconds."""
    if shutil.which("qemu-system-x86_64") is None:
        raise HostError(codes.REHEARSAL_FAILED, "a rehearsal needs qemu-system-x86_64", "apt-get install qemu-system-x86")
    modules = list(dict.fromkeys(name.partition(".")[0].replace("-", "_") for name in shape.host.spec.modprobe))
    content = {
        **files,
        "vmspec/init": INIT,
        "vmspec/probe": PROBE.read_bytes(),
        "vmspec/look": look,
        "vmspec/modules": "".join(f"{name}\n" for name in modules).encode(),
        "etc/systemd/system/vmspec-rehearsal.service": UNIT,
        **_enabled(files),
        "etc/hostname": b"rehearsal\n",
        "etc/machine-id": b"",
        "etc/fstab": b"",
    }
    with tempfile.TemporaryDirectory(prefix="vmspec-rehearsal-") as folder:
        initrd, console, report = Path(folder, "initrd"), Path(folder, "console"), Path(folder, "report")
        with initrd.open("wb") as stream, root.open("rb") as base:
            shutil.copyfileobj(base, stream)
            stream.write(overlay(content, kernel, modules, {"vmspec/init": 0o755, "vmspec/probe": 0o755}))
        command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
        command += [*machine(shape), "-serial", f"file:{console}", "-serial", f"file:{report}", "-kernel", str(kernel.image)]
        command += ["-initrd", str(initrd), "-append", f"{line} {OURS}"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + limit
        try:
            while process.poll() is None and time.monotonic() < end and not stop.asked:
                time.sleep(POLL)
        finally:
            process.kill()
            _, said = process.communicate()
        text = report.read_text("utf-8", "replace") if report.exists() else ""
        found = gathered(text)
        if "end" not in found.said:
            tail = console.read_text("utf-8", "replace").splitlines()[-12:] if console.exists() else []
            why = " ".join(said.split()) or " / ".join(line.strip() for line in tail if line.strip())[-600:] or "it says nothing"
            raise HostError(codes.REHEARSAL_FAILED, f"the rehearsed machine did not come up within {limit:g} s: {why}")
        return found


def _enabled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Drop-ins of targets in the place of `systemctl enable`: what the host's units, and the one that looks, are wanted by."""
    wanted = {"multi-user.target": ["vmspec-rehearsal.service"]}
    for path, data in files.items():
        name = path.removeprefix(UNITS)
        by = re.search(r"^WantedBy=(\S+)$", data.decode("utf-8", "replace"), re.MULTILINE)
        if path.startswith(UNITS) and "/" not in name and by is not None and name != NOT_HERE:
            wanted.setdefault(by[1], []).append(name)
    return {f"{UNITS}{target}.d/vmspec-rehearsal.conf": f"[Unit]\nWants={' '.join(names)}\n".encode() for target, names in wanted.items()}

"""Boots a domain or a rehearsed host with a real kernel and returns what that kernel reports of itself.

Emulated (TCG), a boot takes 6–11 s; nothing here needs /dev/kvm.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from tests.real.hostfiles import apply_script
from tests.real.kernel import GUEST_MODULES, HOST_MODULES, Kernel, initramfs
from tests.real.report import Incomplete, Report, parse

if TYPE_CHECKING:  # it loads libvirt, which not every machine has
    from tests.real.embedded import Hypervisor

_CONSOLE = "console=ttyS0 quiet panic=-1"
_LIMIT = 300.0  # seconds; two busy cores make a boot several times slower, and a unit may wait a minute for its pages


class Refused(Exception):
    """libvirt refused to define or to start the domain; the text is libvirt's."""


# -- a guest -----------------------------------------------------------------------------------------------------------------


def boot_domain(
    here: Hypervisor, kernel: Kernel, xml: str, *, cmdline: str = "", show: Sequence[str] = (), limit: float = _LIMIT
) -> Report:
    """Defines the domain with a kernel, an initramfs and its first serial port to a file, starts it and waits for its report.

    `show` are further files (patterns) for the report. Raises Refused where libvirt refuses, Incomplete where the guest dies early.
    """
    archive = initramfs(kernel, GUEST_MODULES, GUEST_MODULES, _extra(show) | {"etc/settle": b"1"})
    with tempfile.TemporaryDirectory(prefix="vmreal-", dir="/tmp") as folder:
        console, initrd = Path(folder, "console"), Path(folder, "initrd")
        initrd.write_bytes(archive)
        verdict = here.define(with_direct_boot(xml, kernel.image, initrd, f"{_CONSOLE} {cmdline}".strip(), console))
        if not verdict.ok:
            raise Refused(f"define {verdict.name}: {verdict.error}")
        try:
            started = here.start(verdict.name)
            if not started.ok:
                raise Refused(f"start {verdict.name}: {started.error}")
            wait_for_report(console, lambda: here.is_running(verdict.name), limit)
        finally:
            here.remove(verdict.name)
        return parse(console.read_text("utf-8", "replace"))


def with_direct_boot(xml: str, image: Path, initrd: Path, cmdline: str, console: Path) -> str:
    """The domain with direct kernel boot and its first serial port written to `console`; everything else as it was."""
    domain = etree.fromstring(xml.encode())
    os = _part(domain, "os")
    for name in ("kernel", "initrd", "cmdline"):
        for old in os.findall(name):
            os.remove(old)
    # The schema wants these three in front of boot devices and behind type and loader.
    at = max(os.index(each) for each in os if each.tag in ("type", "loader", "nvram", "firmware")) + 1
    for offset, (name, text) in enumerate((("kernel", str(image)), ("initrd", str(initrd)), ("cmdline", cmdline))):
        child = etree.Element(name)
        child.text = text
        os.insert(at + offset, child)
    devices = _part(domain, "devices")
    for old in [*devices.findall("serial"), *(each for each in devices.findall("console") if _is_serial(each))]:
        devices.remove(old)
    serial = etree.SubElement(devices, "serial", type="file")
    etree.SubElement(serial, "source", path=str(console))
    etree.SubElement(serial, "target", port="0")
    return etree.tostring(domain, encoding="unicode")


def _part(domain: etree._Element, name: str) -> etree._Element:
    found = domain.find(name)
    if found is None:
        raise ValueError(f"the domain has no <{name}>")
    return found


def _is_serial(console: etree._Element) -> bool:
    target = console.find("target")
    return target is None or target.get("type", "serial") == "serial"


# -- a host ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HostNode:
    """One NUMA node of a rehearsed host."""

    cpus: int = 4
    memory: int = 1024
    """MiB"""


@dataclass(frozen=True)
class Topology:
    """A rehearsed host: a socket for each node, `threads` threads in each core; CPUs are numbered node by node, siblings side by side."""

    nodes: tuple[HostNode, ...] = (HostNode(),)
    threads: int = 1
    cpu: str = "Skylake-Server"
    """QEMU's `max` hides siblings; this model shows them."""
    devices: tuple[str, ...] = ()
    """Further QEMU arguments, as `-device`, `virtio-net-pci`."""

    def arguments(self) -> list[str]:
        counts = {node.cpus for node in self.nodes}
        if len(counts) != 1 or next(iter(counts)) % self.threads:
            raise ValueError(f"QEMU's -smp wants every node of one size, a multiple of the threads: {counts}, {self.threads}")
        each = next(iter(counts))
        total = each * len(self.nodes)
        smp = f"{total},sockets={len(self.nodes)},cores={each // self.threads},threads={self.threads}"
        found = ["-smp", smp, "-m", f"{sum(node.memory for node in self.nodes)}M", "-cpu", self.cpu]
        for number, node in enumerate(self.nodes):
            found += ["-object", f"memory-backend-ram,id=m{number},size={node.memory}M"]
            found += ["-numa", f"node,nodeid={number},memdev=m{number},cpus={number * each}-{(number + 1) * each - 1}"]
        return [*found, *self.devices]


def boot_host(
    kernel: Kernel,
    topology: Topology,
    cmdline: str,
    files: Mapping[str, bytes] | None = None,
    *,
    modules: Sequence[str] = ("kvm",),
    show: Sequence[str] = (),
    limit: float = _LIMIT,
) -> Report:
    """Boots QEMU with the host's topology, kernel arguments and files and reports what the kernel made of them.

    `files` are paths as on the host; sysctl.d, tmpfiles.d, modprobe.d and the ExecStart= of services are applied. `modules` are loaded
    with the options of modprobe.d before anything else is applied.
    """
    given = dict(files or {})
    content = given | {"apply.sh": apply_script(given, tuple(modules))} | _extra(show)
    archive = initramfs(kernel, (*HOST_MODULES, *modules), (), content)
    with tempfile.TemporaryDirectory(prefix="vmreal-", dir="/tmp") as folder:
        console, initrd = Path(folder, "console"), Path(folder, "initrd")
        initrd.write_bytes(archive)
        command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-machine", "q35", "-nodefaults", "-no-user-config"]
        command += ["-display", "none", "-no-reboot", "-serial", f"file:{console}", "-kernel", str(kernel.image), "-initrd", str(initrd)]
        command += ["-append", f"{_CONSOLE} {cmdline}".strip(), *topology.arguments()]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            wait_for_report(console, lambda: process.poll() is None, limit)
        finally:
            process.kill()
            _, said = process.communicate()
        if process.returncode not in (0, -9):
            raise Incomplete(f"qemu ended with {process.returncode}: {said}")
        return parse(console.read_text("utf-8", "replace"))


def _extra(show: Sequence[str]) -> dict[str, bytes]:
    return {"etc/report": "".join(f"{pattern}\n" for pattern in show).encode()} if show else {}


def wait_for_report(console: Path, alive: Callable[[], bool], limit: float = _LIMIT) -> None:
    """Waits for the end of the machine, or of its report, or of the time."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if not alive() or (console.exists() and b"@end\treport" in console.read_bytes()[-4096:]):
            return
        time.sleep(0.1)
    tail = console.read_text("utf-8", "replace")[-3000:] if console.exists() else ""
    raise Incomplete(f"no report within {limit:g} s; the console ends:\n{tail}")

"""What a booted kernel said of itself, read from the serial lines that init.sh prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

_NODE = "/sys/devices/system/node"
_CPU = "/sys/devices/system/cpu"
_PCI = "/sys/bus/pci/devices"
_MAP = "/sys/firmware/memmap"
_MIB = 1 << 20
_HEADER = re.compile(r"==> (/.*) <==")


@dataclass(frozen=True)
class Node:
    cpus: str
    memory: int
    """Bytes that firmware gave the node (ACPI SRAT), to the MiB; the kernel's own MemTotal is a little less."""
    hugepages: dict[str, int]
    """Pages by size, as `2048kB`."""
    distances: tuple[int, ...]


@dataclass(frozen=True)
class Disk:
    size: int
    serial: str
    read_only: bool


@dataclass(frozen=True)
class Pci:
    vendor: str
    device: str
    kind: str
    """The class code, as 0x020000."""
    driver: str | None


class Incomplete(Exception):
    """The kernel ended, or the time was up, before the report was whole; holds the console's end."""


@dataclass(frozen=True)
class Report:
    files: dict[str, str]
    """Every file that was read, by path, without the last newline."""
    links: dict[str, str]
    entries: dict[str, tuple[str, ...]]
    failures: dict[str, str]
    """What could not be done: modules that did not load, settings that did not take."""
    applied: dict[str, str]
    """What /apply.sh did, by setting."""
    dmesg: tuple[str, ...]
    memory_map: tuple[tuple[int, int, str], ...]
    serials: dict[str, str]
    """Serials of SCSI disks (vital product data); a virtio disk has its own as a file."""
    cpuinfo: dict[str, str] = field(default_factory=dict)

    @property
    def cmdline(self) -> str:
        return self.files["/proc/cmdline"]

    @property
    def online(self) -> str:
        """Online CPUs, as a list of ranges."""
        return self.files[f"{_CPU}/online"]

    @property
    def cpus(self) -> int:
        return count_cpus(self.online)

    @property
    def isolated(self) -> str:
        return self.files.get(f"{_CPU}/isolated", "")

    @property
    def nohz_full(self) -> str:
        value = self.files.get(f"{_CPU}/nohz_full", "")
        return "" if value in ("(null)", "") else value

    @property
    def unknown_arguments(self) -> tuple[str, ...]:
        """Arguments that the kernel passed on to init because it does not know them (init/main.c, print_unknown_bootoptions)."""
        said = [line.partition("parameters ")[2] for line in self.dmesg if "Unknown kernel command line parameters" in line]
        return tuple(" ".join(said).replace(", will be passed to user space.", "").strip('"').split())

    @property
    def ram(self) -> int:
        """Bytes of RAM that firmware handed over, to the next MiB: what the domain asked for."""
        return _to_mib(sum(end - start + 1 for start, end, kind in self.memory_map if kind == "System RAM"))

    @property
    def hugepages(self) -> dict[str, int]:
        return self._pages("/sys/kernel/mm/hugepages")

    @cached_property
    def nodes(self) -> dict[int, Node]:
        found = {}
        for path, cpus in self.files.items():
            if match := re.fullmatch(rf"{_NODE}/node(\d+)/cpulist", path):
                base = path.removesuffix("/cpulist")
                distances = tuple(int(each) for each in self.files.get(f"{base}/distance", "").split())
                number = int(match[1])
                found[number] = Node(cpus, self._srat.get(number, self.ram), self._pages(f"{base}/hugepages"), distances)
        return dict(sorted(found.items()))

    @cached_property
    def disks(self) -> dict[str, Disk]:
        """Block devices that have a size; the kernel counts sectors of 512 bytes whatever the block size."""
        return {
            name: Disk(
                512 * int(size),
                self.files.get(f"/sys/block/{name}/serial", self.serials.get(name, "")),
                self.files.get(f"/sys/block/{name}/ro") == "1",
            )
            for name in self.entries.get("/sys/block", ())
            if (size := self.files.get(f"/sys/block/{name}/size", "0")) != "0"
        }

    @property
    def nics(self) -> dict[str, str]:
        """MAC address by interface, the loopback left out."""
        names = self.entries.get("/sys/class/net", ())
        return {name: self.files[f"/sys/class/net/{name}/address"] for name in names if name != "lo"}

    @cached_property
    def pci(self) -> dict[str, Pci]:
        found = {}
        for path, vendor in self.files.items():
            if path.startswith(_PCI) and path.endswith("/vendor"):
                base = path.removesuffix("/vendor")
                driver = self.links.get(f"{base}/driver")
                found[base.rpartition("/")[2]] = Pci(
                    vendor, self.files[f"{base}/device"], self.files[f"{base}/class"], driver.rpartition("/")[2] if driver else None
                )
        return found

    def sysctl(self, name: str) -> str:
        """A value of /proc/sys; name it in `show` unless init.sh reads it anyway."""
        return self.files["/proc/sys/" + name.replace(".", "/")]

    def chosen(self, path: str) -> str:
        """The bracketed choice of a file as `always [madvise] never`."""
        return self.files[path].partition("[")[2].partition("]")[0]

    def _pages(self, base: str) -> dict[str, int]:
        pattern = re.compile(re.escape(base) + r"/hugepages-(\w+)/nr_hugepages")
        return {match[1]: int(count) for path, count in self.files.items() if (match := pattern.fullmatch(path))}

    @cached_property
    def _srat(self) -> dict[int, int]:
        """Memory by node from `ACPI: SRAT: Node 0 PXM 0 [mem 0x…-0x…]`; the low 640 KiB are a range of their own."""
        sums: dict[int, int] = {}
        for line in self.dmesg:
            if match := re.search(r"SRAT: Node (\d+) PXM \d+ \[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\]", line):
                node, start, end = int(match[1]), int(match[2], 16), int(match[3], 16)
                sums[node] = sums.get(node, 0) + end - start + 1
        return {node: _to_mib(size) for node, size in sums.items()}


def parse(console: str) -> Report:
    """The report in the console's output; raises Incomplete with its last lines where it is not whole."""
    if "@begin\treport" not in console or "@end\treport" not in console:
        raise Incomplete("no whole report on the console, which ends:\n" + "\n".join(console.splitlines()[-40:]))
    lines: dict[str, list[tuple[str, str]]] = {}
    files: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in console.replace("\r", "").splitlines():
        kind, *rest = line.split("\t", 2)
        if kind.startswith("@") and len(rest) == 2:
            lines.setdefault(kind[1:], []).append((rest[0], rest[1]))
            current = None
        elif header := _HEADER.fullmatch(line):
            current = files.setdefault(header[1], [])
            current.clear()
        elif current is not None:
            current.append(line)
    texts = {path: "\n".join(text).rstrip("\n") for path, text in files.items()}
    return Report(
        files=texts,
        links=dict(lines.get("link", [])),
        entries=_grouped(lines.get("entry", [])),
        failures=dict(lines.get("failed", [])),
        applied=dict(lines.get("applied", [])),
        dmesg=tuple(text for _, text in lines.get("dmesg", [])),
        memory_map=tuple(_areas(texts)),
        serials={disk.rpartition("/")[2]: serial.strip() for disk, serial in lines.get("serial", [])},
        cpuinfo={key.strip(): value.strip() for key, value in lines.get("cpu", [])},
    )


def count_cpus(ranges: str) -> int:
    """How many CPUs a list as `0-3,8` names."""
    ends = [part.split("-") for part in ranges.split(",") if part]
    return sum(int(end[-1]) - int(end[0]) + 1 for end in ends)


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}


def _areas(files: dict[str, str]) -> Iterator[tuple[int, int, str]]:
    for path, start in files.items():
        if path.startswith(f"{_MAP}/") and path.endswith("/start"):
            base = path.removesuffix("/start")
            yield int(start, 16), int(files[f"{base}/end"], 16), files[f"{base}/type"]


def _to_mib(size: int) -> int:
    return -(-size // _MIB) * _MIB

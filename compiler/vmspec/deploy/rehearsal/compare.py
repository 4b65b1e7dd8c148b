"""What a rehearsed host was meant to be, and what its kernel and its systemd say that it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from vmspec.base.provenance import Path
from vmspec.deploy.facts.system import Gathered
from vmspec.deploy.probes.probe import Probe, ProbedSetting, probed
from vmspec.deploy.probes.table import host_probes
from vmspec.deploy.rehearsal.shape import Shape
from vmspec.emit.host.cmdline import arguments
from vmspec.model.value import CpuSet

CPU = "sys/devices/system/cpu/"
COMPLAINTS = re.compile(
    r"Malformed early option|Skipped unknown flag|must match isolcpus|Housekeeping: .*(?:invalid|conflict)|"
    r"hugepagesz? .*(?:unsupported|invalid)|HugeTLB: .*(?:invalid|unsupported|failed|ignored)|NO_HZ: .*(?:invalid|incorrect)|"
    r": invalid value|parameter.*invalid|invalid for parameter|Booted with .*ignored",
    re.IGNORECASE,
)
"""Lines of the kernel's log that say that an argument or a parameter was not taken (Linux 5.10 to 7.3)."""


def probes_of(shape: Shape) -> list[Probe]:
    """Of every setting of the host that a booted system shows."""

    def show(cpus: CpuSet) -> str:
        return str(shape.on_host(cpus))

    settings = (probe for probe in host_probes(shape.host, show) if probe.rehearsed)
    return [*_places(shape), *settings, *_known(shape)]


def outcomes(probes: list[Probe], seen: Gathered) -> list[ProbedSetting]:
    """What became of each, and what the kernel and systemd complain about."""
    return [probed(probe, seen) for probe in (*probes, *_complaints(seen))]


def _places(shape: Shape) -> Iterator[Probe]:
    """Nodes and cores, in the host's numbers: whether the machine is the host at all."""

    def show(cpus: CpuSet) -> str:
        return str(shape.on_host(cpus)) or "none"

    for number, cpus in shape.nodes.items():
        at = f"sys/devices/system/node/node{number}/cpulist"

        def of_node(seen: Gathered, at: str = at) -> str | None:
            found = seen.cpus(at)
            return None if found is None else show(found)

        yield Probe(
            paths=(("numa", str(number), "cpus"),), what=f"CPUs of node {number}", meant=show(cpus), read=of_node, look=(f"F {at}",)
        )
    meant = [group for group in shape.host.spec.siblings or () if len(group) > 1]
    if meant:
        of_each = f"{CPU}cpu*/topology/thread_siblings_list"

        def cores(seen: Gathered) -> str | None:
            groups = {str(group): group for _, path in seen.under(of_each) if (group := seen.cpus(path))}
            return " ".join(sorted(show(group) for group in groups.values())) or None

        look = (f"F {of_each.replace('cpu*', 'cpu[0-9]*')}",)
        yield Probe(paths=(("siblings",),), what="cores", meant=" ".join(sorted(map(show, meant))), read=cores, look=look)


def _known(shape: Shape) -> Iterator[Probe]:
    """An argument that the kernel does not know it hands to user space, and says so (init/main.c of Linux 6.1)."""
    for text, entry in arguments(shape.host):
        name = text.partition("=")[0]
        path: Path = entry.paths[0] if entry.paths else ("kernel", "args", name)
        yield Probe(paths=(path,), what=f"name of argument {name}", meant="known to the kernel", read=_is_known(text))


def _is_known(text: str) -> Callable[[Gathered], str | None]:
    def read(seen: Gathered) -> str:
        unknown = _unknown(seen)
        return "unknown to the kernel" if text in unknown or text.replace('"', "") in unknown else "known to the kernel"

    return read


def _unknown(seen: Gathered) -> list[str]:
    """In the line "Unknown kernel command line parameters "a b=c", will be passed to user space.\"."""
    for line in seen.said.get("dmesg", ()):
        match = re.search(r'Unknown kernel command line parameters "(.*)", will be passed', line)
        if match:
            return match[1].split()
    return []


def _complaints(seen: Gathered) -> Iterator[Probe]:
    def said(text: str) -> Callable[[Gathered], str | None]:
        return lambda seen: text

    for line in seen.said.get("dmesg", ()):
        if COMPLAINTS.search(line):
            text = re.sub(r"^\[[^\]]*\]\s*", "", line)
            yield Probe(paths=(("kernel", "args"),), what="the kernel's log", meant="no complaint", read=said(text))
    for line in seen.said.get("failed", ()):
        if line.strip():
            yield Probe(paths=(), what=f"unit {line.split()[0]}", meant="no failure", read=said("failed"))

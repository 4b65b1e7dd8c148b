"""Probes of kernel arguments: each on the command line, and what the kernel made of it.

Sources: Linux Documentation/admin-guide/kernel-parameters.txt, Documentation/admin-guide/cpu-isolation.rst, Documentation/core-api/irq,
Documentation/core-api/workqueue.rst (cpumask).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from vmspec.base.provenance import Path
from vmspec.deploy.facts.system import Gathered
from vmspec.deploy.probes.probe import Probe, Shown, cpus_or_none, size_text
from vmspec.emit.host import hugepages
from vmspec.emit.host.boot import ARGUMENT_COMMANDS, BootOwner, boot_owner
from vmspec.emit.host.cmdline import arguments
from vmspec.emit.host.file import HostFile
from vmspec.lower.fleet import HostObject
from vmspec.model.kind import parse_cpus
from vmspec.model.value import CpuSet, Value

LINE = "proc/cmdline"
CPU = "sys/devices/system/cpu/"
MASK = "proc/irq/default_smp_affinity"
WORKQUEUES = "sys/devices/virtual/workqueue/cpumask"
SPARED = re.compile(r"vfio|nvme[0-9]+q|virtio[0-9]+-(req|request)|megasas|mpt[0-9]+sas|hisi_sas|lpfc|qla2xxx|aacraid|smartpqi")
"""Interrupts that may arrive on isolated CPUs: those of a guest's own device, and queues that the kernel spreads itself (managed), which
stay silent where nobody submits. From Linux 6.10 on the latter cannot be written, which tells them."""


def line(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    """Every argument, then what is to be seen of those whose effect the kernel shows."""
    at = _given_by(host)
    for text, entry in arguments(host):
        name = text.partition("=")[0]
        words = text.split(" ")
        yield Probe(
            paths=entry.paths or (("kernel", "args", name),),
            what=f"argument {name}",
            meant=text,
            read=_on_line(name, words),
            look=(f"F {LINE}",),
            boot=True,
            file=at,
        )
    for name, effect in EFFECTS.items():
        value = host.spec.kernel.args.get(name) if host.spec.kernel is not None else None
        if value is not None:
            yield from effect((("kernel", "args", name),), value, at, show)
    if host.spec.smt is False:
        yield _file(("smt",), "sibling threads online", f"{CPU}smt/active", "0", at)
    if host.spec.iommu:
        yield Probe(
            paths=(("iommu",),),
            what="IOMMU",
            meant="on",
            read=lambda seen: "on" if any(path.startswith("sys/class/iommu/") for path in seen.there) else "off",
            look=("E sys/class/iommu/*",),
            boot=True,
            rehearsed=False,
            file=at,
        )
    for each in hugepages.at_boot(host):
        yield pages(each, at, boot=True)


def _given_by(host: HostObject) -> str | None:
    """The file from which the boot loader has them."""
    match boot_owner(host):
        case BootOwner.GRUB:
            return "/etc/default/grub.d/90-vmspec.cfg"
        case BootOwner.TUNED:
            return "/etc/tuned/vmspec/tuned.conf"
        case owner:
            return ARGUMENT_COMMANDS[owner].kept if owner in ARGUMENT_COMMANDS else None


def pages(each: hugepages.Pages, file: str | None, boot: bool) -> Probe:
    what = f"pages of {size_text(each.size)} on node {each.node}"
    path = each.sysfs.lstrip("/")

    def read(seen: Gathered) -> str | None:
        return seen.first(path)

    return Probe(paths=(each.path,), what=what, meant=str(each.number), read=read, look=(f"F {path}",), boot=boot, file=file)


def _on_line(name: str, words: list[str]) -> Callable[[Gathered], str | None]:
    def read(seen: Gathered) -> str | None:
        given = seen.first(LINE)
        if given is None:
            return None
        there = _words(given)
        if all(word in there for word in words):
            # The kernel keeps the first of several (Documentation/admin-guide/kernel-parameters.txt, isolcpus, nohz_full).
            first = next(word for word in there if word.partition("=")[0] == name)
            return first if name in FIRST_WINS else " ".join(words)
        return " ".join(word for word in there if word.partition("=")[0] == name) or "absent"

    return read


FIRST_WINS = ("isolcpus", "nohz_full")


def _words(text: str) -> list[str]:
    """Blanks in double quotes are part of an argument (next_arg, lib/cmdline.c of Linux 6.1)."""
    return re.findall(r'(?:[^\s"]|"[^"]*")+', text)


def argument_cpus(value: Value | None) -> CpuSet | None:
    """Of an argument, which may have words before its CPUs."""
    parts = value if isinstance(value, tuple) else (value,)
    found = [part for part in parts if isinstance(part, CpuSet)]
    texts = [parsed for part in parts if isinstance(part, str) and (parsed := parse_cpus(part.rpartition(",")[2] or part)) is not None]
    return CpuSet.of(cpu for each in (*found, *texts) for cpu in each) or None


def _isolated(paths: tuple[Path, ...], value: Value, file: str | None, show: Shown) -> Iterator[Probe]:
    cpus = argument_cpus(value)
    if not cpus:
        return
    flags = [str(part) for part in value if not isinstance(part, CpuSet)] if isinstance(value, tuple) else []
    if not flags or "domain" in flags:
        yield Probe(
            paths=paths,
            what="isolcpus",
            meant=show(cpus),
            read=lambda seen: cpus_or_none(show, seen.cpus(f"{CPU}isolated")),
            look=(f"F {CPU}isolated",),
            boot=True,
            file=file,
        )
        yield _off(paths, "unbound work of the kernel", WORKQUEUES, cpus, file, show)
    yield Probe(
        paths=paths,
        what="interrupts on isolated CPUs",
        meant="none",
        read=lambda seen: _interrupts(seen, cpus),
        boot=True,
        file=file,
    )


def _interrupts(seen: Gathered, isolated: CpuSet) -> str | None:
    """Those whose effective CPU is an isolated one, and that are no device's whose own they are."""
    lines = [line.split("\t") for line in seen.said.get("interrupts", ())]
    if not lines:
        return None
    found = []
    for number, settable, users, _, does in (line for line in lines if len(line) == 5):
        cpus = parse_cpus(does)
        if cpus is not None and cpus & isolated and settable == "yes" and not SPARED.search(users):
            found.append(f"{number} ({users}) on {cpus & isolated}")
    return ", ".join(found) or "none"


def _off(paths: tuple[Path, ...], what: str, path: str, cpus: CpuSet, file: str | None, show: Shown) -> Probe:
    def read(seen: Gathered) -> str | None:
        mask = _mask(seen.first(path))
        return None if mask is None else "not on them" if not mask & cpus else f"on {show(mask & cpus)}"

    return Probe(paths=paths, what=f"{what} on isolated CPUs", meant="not on them", read=read, look=(f"F {path}",), file=file)


def _tickless(paths: tuple[Path, ...], value: Value, file: str | None, show: Shown) -> Iterator[Probe]:
    cpus = argument_cpus(value)
    if cpus:
        yield Probe(
            paths=paths,
            what="nohz_full",
            meant=show(cpus),
            read=lambda seen: cpus_or_none(show, seen.cpus(f"{CPU}nohz_full")),
            look=(f"F {CPU}nohz_full",),
            boot=True,
            file=file,
        )


def _callbacks(paths: tuple[Path, ...], value: Value, file: str | None, show: Shown) -> Iterator[Probe]:
    """Only the kernel's log tells it (kernel/rcu/tree_nocb.h of Linux 6.1): a thread for callbacks has every CPU."""
    cpus = argument_cpus(value)
    if not cpus:
        return

    def read(seen: Gathered) -> str | None:
        for line in seen.said.get("kernel-log", ()):
            match = re.search(r"Offload RCU callbacks from CPUs: ([0-9,-]+)\.", line)
            if match:
                return cpus_or_none(show, parse_cpus(match[1]))
        return None

    yield Probe(paths=paths, what="CPUs without callbacks of RCU", meant=show(cpus), read=read, boot=True, file=file)


def _by_default(paths: tuple[Path, ...], value: Value, file: str | None, show: Shown) -> Iterator[Probe]:
    meant = argument_cpus(value)
    if not meant:
        return

    def read(seen: Gathered) -> str | None:
        """The mask has a bit for every CPU that there could be."""
        found, online = _mask(seen.first(MASK)), seen.cpus(f"{CPU}online")
        return None if found is None else show(found & online if online else found)

    look = (f"F {MASK}", f"F {CPU}online")
    yield Probe(paths=paths, what="IRQs by default on", meant=show(meant), read=read, look=look, file=file)


def _mask(text: str | None) -> CpuSet | None:
    digits = (text or "").replace(",", "").strip()
    return CpuSet(int(digits, 16)) if re.fullmatch(r"[0-9a-f]+", digits) else None


def _file(path: Path, what: str, at: str, meant: str, file: str | None) -> Probe:
    return Probe(paths=(path,), what=what, meant=meant, read=lambda seen: seen.first(at), look=(f"F {at}",), boot=True, file=file)


ArgumentProbes = Callable[[tuple[Path, ...], Value, str | None, Shown], Iterator[Probe]]
EFFECTS: dict[str, ArgumentProbes] = {"isolcpus": _isolated, "nohz_full": _tickless, "rcu_nocbs": _callbacks, "irqaffinity": _by_default}
"""Arguments whose effect the kernel shows; of the others the command line is all that tells."""

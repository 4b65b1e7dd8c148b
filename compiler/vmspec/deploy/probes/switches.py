"""Probes of switches of the running kernel: sysctls, module parameters, files below /sys, modules.

Sources: Linux Documentation/admin-guide/mm/transhuge.rst (the chosen word is in brackets), kernel/params.c (booleans read as Y and N).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from vmspec.deploy.facts.system import Gathered
from vmspec.deploy.probes.boot import pages
from vmspec.deploy.probes.probe import Probe, Shown
from vmspec.emit.host import hugepages, sysctl, tmpfiles
from vmspec.emit.host.file import HostFile
from vmspec.lower.fleet import HostObject
from vmspec.lower.hosttext import WRITERS

ABSENT = "absent"
KSM = "/sys/kernel/mm/ksm/run"


def sysctls(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    for name, value in host.spec.sysctl.items():
        text = WRITERS["sysctl",](name, value)
        if not isinstance(text, str):
            continue
        # What is written on condition may be absent: such a kernel has nothing to look at.
        absent = None if name.startswith(sysctl.MAY_BE_ABSENT) else ABSENT
        yield Probe(
            paths=(("sysctl", name),),
            what=name,
            meant=" ".join(text.split()),
            read=_text(_sysctl(name), absent),
            look=(f"F {_sysctl(name)}",),
            file=file.target,
        )


def parameters(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    for name, value in host.spec.modprobe.items():
        text = WRITERS["modprobe",](name, value)
        if not isinstance(text, str):
            continue
        meant = " ".join(text.strip('"').split())
        yield Probe(
            paths=(("modprobe", name),),
            what=name,
            meant=meant,
            read=_of_module(_parameter(name), meant),
            look=(f"F {_parameter(name).rpartition('/')[0]}/*",),
            boot=True,
            file=file.target,
        )


def below_sys(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    """Every line of tmpfiles.d; pages by their number on the node."""
    small = {each.sysfs: each for each in hugepages.later(host)}
    for where, text, path in tmpfiles.switches(host):
        if where in small:
            yield pages(small[where], file.target, boot=False)
            continue
        what = NAMES.get(path[0], where if path[0] == "sysfs" else ".".join(path))
        if path[0] == "wake-latency":
            what += f" of CPU {re.findall('[0-9]+', where)[0]}"
        at = where.lstrip("/")
        meant = "not running" if where == KSM and text == "2" else text.replace("%%", "%").replace("\\\\", "\\")
        read = _merging(at) if where == KSM and text == "2" else _same(at, meant)
        yield Probe(paths=(path,), what=what, meant=meant, read=read, look=(f"F {at}",), rehearsed=path[0] != "governor", file=file.target)


NAMES = {"transparent-hugepage": "transparent huge pages", "governor": "governor", "wake-latency": "microseconds to wake"}


def modules(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    """A module that is built in has no folder where it has no parameters."""
    for name in sorted(host.spec.modules or ()):
        at = f"sys/module/{str(name).replace('-', '_')}"

        def read(seen: Gathered, name: str = str(name), at: str = at) -> str:
            release = seen.first("proc/sys/kernel/osrelease")
            builtin = seen.files.get(f"lib/modules/{release}/modules.builtin", ())
            known = any(line.rpartition("/")[2].partition(".ko")[0].replace("-", "_") == name.replace("-", "_") for line in builtin)
            return "loaded" if at in seen.there or known else "not loaded"

        look = (f"E {at}", "F proc/sys/kernel/osrelease", "F lib/modules/*/modules.builtin")
        yield Probe(paths=(("modules",),), what=f"module {name}", meant="loaded", read=read, look=look, file=file.target)


def _text(path: str, absent: str | None) -> Callable[[Gathered], str | None]:
    def read(seen: Gathered) -> str | None:
        found = seen.first(path)
        return absent if found is None else " ".join(found.split())

    return read


def _of_module(path: str, meant: str) -> Callable[[Gathered], str | None]:
    """None where the module is not loaded."""
    folder = path.rpartition("/")[0]

    def read(seen: Gathered) -> str | None:
        found = seen.first(path)
        if found is not None:
            return _like(meant, " ".join(found.split()))
        return ABSENT if any(each.startswith(f"{folder}/") for each in seen.files) else None

    return read


def _same(pattern: str, meant: str) -> Callable[[Gathered], str | None]:
    """Of a path with `*`: what all of them are, else each value once."""
    expression = re.compile(re.escape(pattern).replace(r"\*", "[^/]*"))

    def read(seen: Gathered) -> str | None:
        said = {_chosen(seen.first(at) or "") for at in seen.files if expression.fullmatch(at)}
        return ", ".join(sorted(meant if _is_same_mask(text, meant) else text for text in said)) or None

    return read


def _is_same_mask(text: str, meant: str) -> bool:
    """A mask is printed in groups of eight digits, with zeros before it (lib/vsprintf.c of Linux 6.12, %*pb)."""
    bare = [each.replace(",", "").lstrip("0") for each in (text, meant)]
    return bare[0] == bare[1] and all(re.fullmatch(r"[0-9a-f,]+", each) for each in (text, meant))


def _merging(path: str) -> Callable[[Gathered], str | None]:
    def read(seen: Gathered) -> str | None:
        found = seen.first(path)
        return None if found is None else "running" if found == "1" else "not running"

    return read


def _chosen(text: str) -> str:
    """The word in brackets of a file that lists what there is."""
    match = re.search(r"\[([^\]]+)\]", text)
    return match[1] if match else " ".join(text.split())


def _like(meant: str, found: str) -> str:
    """The kernel prints booleans as Y and N, and what it made of kvm.nx_huge_pages too."""
    truth = {"Y": ("1", "y", "Y", "on", "auto", "force"), "N": ("0", "n", "N", "off", "auto", "never")}
    return meant if meant in truth.get(found, ()) else found


def _sysctl(name: str) -> str:
    return "proc/sys/" + (name if "/" in name.partition(".")[0] else name.replace(".", "/"))


def _parameter(name: str) -> str:
    module, _, parameter = name.partition(".")
    return f"sys/module/{module.replace('-', '_')}/parameters/{parameter}"

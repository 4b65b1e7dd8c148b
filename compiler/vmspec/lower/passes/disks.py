"""Completes disks: bus, target name, format and read-only. A label that is a target name is the target.

Sources: libvirt 9.0.0 src/conf/domain_postparse.c (virDomainDiskDefPostParse: a CD-ROM is read-only), docs/formatdomain.rst ("target").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.diagnostic import Diagnostic, Label, Severity
from vmspec.base.provenance import Path, Provenance, StepKind
from vmspec.lower import codes
from vmspec.lower.fleet import Vm
from vmspec.lower.layout import AS_WRITTEN
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.lower.passes.devices import natural
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.drives import PREFIXES, UNFORMATTED, drive_bus, foreign, image_format, is_target, says_format
from vmspec.model.devices.storage import FileSource
from vmspec.model.machine import alias_of
from vmspec.model.value import Symbol

LABEL = "the label is a target name of its bus"
FREE = "the next free name of its bus, as the disks are written; kept in the lock"
FREE_BY_LABEL = "the next free name of its bus, by label"
SUFFIX = "from the end of the file's name, raw where that says nothing"
BUS = "a drive with a medium to change is on the chipset's own bus"
READONLY = "a CD-ROM cannot be written"
EMPTY = "a drive without a medium"


def expand(vm: Vm, context: Context) -> PassResult:
    if not vm.spec.disk:
        return NOTHING
    trails: dict[Path, Provenance] = {}
    disks = {disk.label: _completed(vm, disk, trails) for disk in vm.spec.disk}
    held: dict[str, str] = {}
    for label, target in _targets(vm, disks, context, held, trails):
        disks[label] = disks[label].but(target=Symbol(target))
    return PassResult(
        {"disk": tuple(disks.values())},
        trails,
        (*_taken(vm, disks, context), *_guessed(vm)),
        lock={"targets": {**context.lock.targets, **held}},
    )


def _taken(vm: Vm, disks: dict[str, Disk], context: Context) -> Iterator[Diagnostic]:
    """Names that a disk takes from another one, which has had it."""
    named = {str(disk.target): label for label, disk in disks.items()}
    for disk in vm.spec.disk:
        kept, now = context.lock.targets.get(disk.label), disks[disk.label]
        if disk.target is None and kept in named and kept != now.target and kept.startswith(PREFIXES.get(str(now.bus), "sd")):
            yield Diagnostic(
                codes.TARGET_TAKEN,
                f'disk {named[kept]} of "{vm.name}" takes the name {kept}, which disk {disk.label} has in the guest',
                vm.where(("disk", named[kept])),
                labels=(Label(vm.where(("disk", disk.label)), f"the lock keeps {kept} for this one"),),
                help=f"choose another name, or let the guest be laid out anew: vmc lock renew {vm.name}",
            )


def _guessed(vm: Vm) -> Iterator[Diagnostic]:
    """Formats that nobody has said and the name does not tell."""
    for disk in vm.spec.disk:
        source = disk.source
        if source is None or source.tag != "file" or vars(source).get("format") is not None or disk.device in ("cdrom", "floppy"):
            continue
        path = str(vars(source).get("path") or "")
        about = (vm.where(("disk", disk.label, "source")), vm.name)
        end = foreign(path)
        if end:
            said = f"disk {disk.label}: {path} is no image that libvirt can read, by its name"
            help_ = "convert it (`qemu-img convert -O qcow2`), or write `format = …` if it is one after all"
            yield Diagnostic(codes.FORMAT_UNREADABLE, said, about[0], help=help_, about=about[1], part=disk.label)
        elif path and not says_format(path):
            said = f"disk {disk.label}: the name {path} does not tell the format, and raw is taken"
            help_ = "write `format = raw` or `format = qcow2`; `qemu-img info` tells which it is"
            yield Diagnostic(codes.FORMAT_GUESSED, said, about[0], Severity.WARNING, help=help_, about=about[1], part=disk.label)


def _completed(vm: Vm, disk: Disk, trails: dict[Path, Provenance]) -> Disk:
    changed: dict[str, object] = {}
    here: Path = ("disk", disk.label)

    def say(name: str, value: object, why: str, *operands: Path) -> None:
        changed[name] = value
        trails[(*here, name.replace("_", "-"))] = derived(vm, why, *operands, here)

    if disk.device is None:
        say("device", Symbol("disk"), "a disk unless said otherwise")
    bus = disk.bus
    if bus is None or (_is_default(vm, (*here, "bus")) and disk.device in ("cdrom", "floppy")):
        bus = drive_bus(str(disk.device or "disk"), alias_of(str(vm.spec.machine)))
        say("bus", Symbol(bus), BUS, (*here, "device"))
    if disk.driver is None:
        say("driver", Symbol("qemu"), "QEMU's own")
    if disk.device == "cdrom" and disk.readonly is None:
        say("readonly", True, READONLY, (*here, "device"))
    if disk.source is None and disk.device in ("cdrom", "floppy"):
        changed["source"] = FileSource(format=Symbol("raw"))
        trails[(*here, "source")] = trails[(*here, "source", "format")] = derived(vm, EMPTY, here)
    elif disk.source is not None and disk.source.tag not in UNFORMATTED and vars(disk.source).get("format") is None:
        changed["source"] = disk.source.but(format=Symbol(_format(disk)))
        trails[(*here, "source", "format")] = derived(vm, SUFFIX, (*here, "source"), here)
    return disk.but(**changed) if changed else disk


def _is_default(vm: Vm, path: Path) -> bool:
    trail = vm.trails.get(path)
    return not trail or trail[-1].kind is StepKind.DEFAULT


def _format(disk: Disk) -> str:
    held = vars(disk.source)
    return image_format(str(held.get("path") or held.get("volume") or held.get("name") or ""))


def _targets(
    vm: Vm, disks: dict[str, Disk], context: Context, held: dict[str, str], trails: dict[Path, Provenance]
) -> Iterator[tuple[str, str]]:
    """Written names first, then labels that are names, then what the lock holds, then the next free ones."""
    by_label = context.lock.version < AS_WRITTEN
    ordered = sorted(disks.values(), key=natural) if by_label else list(disks.values())
    taken = {str(disk.target) for disk in ordered if disk.target is not None}
    rest: list[Disk] = []
    for disk in ordered:
        if disk.target is None and is_target(disk.label, str(disk.bus)):
            taken.add(disk.label)
            trails["disk", disk.label, "target"] = derived(vm, LABEL, ("disk", disk.label))
            yield disk.label, disk.label
        elif disk.target is None:
            rest.append(disk)
    reserved = set(context.lock.targets.values())
    for disk in rest:
        prefix = PREFIXES.get(str(disk.bus), "sd")
        known = context.lock.targets.get(disk.label)
        name = known if known is not None and known not in taken and known.startswith(prefix) else None
        name = name or next(n for n in names(prefix) if n not in taken and n not in reserved)
        taken.add(name)
        held[disk.label] = name
        trails["disk", disk.label, "target"] = derived(vm, FREE_BY_LABEL if by_label else FREE, ("disk", disk.label))
        yield disk.label, name


def names(prefix: str) -> Iterator[str]:
    """vda … vdz, vdaa …"""
    number = 0
    while True:
        yield prefix + letters(number)
        number += 1


def letters(number: int) -> str:
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def index(target: str) -> int | None:
    """`sda` → 0, `sdaa` → 26; None for what is no such name."""
    match = re.fullmatch(r"(?:xvd|fd|hd|sd|vd|ubd)([a-z]{1,3})[0-9]*", target)
    if match is None:
        return None
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("a") + 1
    return number - 1

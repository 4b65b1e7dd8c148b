"""Two builds → what differs in their outputs, object by object; classes are those of a plan, and nothing outside the sources is looked at.

What is compared is what is emitted, read again: an intent that leads to the same XML is no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeAlias

from vmspec.base.provenance import Path, show_path
from vmspec.base.record import record
from vmspec.base.source import position
from vmspec.driver.compilation import Compilation
from vmspec.emit.sourcemap import strongest_span
from vmspec.lower.fleet import Object
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.kinds import definitions
from vmspec.model.value import Value
from vmspec.plan.change import Change, Difference, Effect, SourcePlace
from vmspec.plan.changes import effect_of, shown
from vmspec.plan.classes import classify, fits
from vmspec.plan.compare import differences
from vmspec.plan.expected import seen
from vmspec.plan.program import PlannedProgram
from vmspec.plan.state import Desired

NOBODYS = "unmanaged"
"""The `power` of a VM that says nothing of it."""

Compared: TypeAlias = Callable[[Domain, Domain], Iterable[Difference]]


class ObjectFate(Enum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@record(frozen=True)
class ObjectDiff:
    """One object whose output differs. An added or removed one has no changes: all of it is."""

    kind: str
    name: str
    fate: ObjectFate
    changes: tuple[Change, ...] = ()
    files: tuple[tuple[str, ObjectFate], ...] = ()
    """Of a host: the files that differ, as they lie there."""


@record(frozen=True)
class BuildSide:
    """One side: a compilation without errors, and what is emitted of it."""

    compilation: Compilation
    program: PlannedProgram
    files: Mapping[str, bytes]
    """The files of hosts, by path in the output."""


def compare(before: BuildSide, after: BuildSide, only: str | None = None) -> tuple[ObjectDiff, ...]:
    """VMs in the order of the new sources, then what else libvirt holds, then hosts. `only`: the one VM that is asked for, and what its
    guest would see of it."""
    compared = differences if only is None else seen
    found = [each for each in _vms(before.program, after.program, compared) if only is None or each.name == only]
    if only is None:
        old, new = before.compilation.fleet, after.compilation.fleet
        for kind in definitions():
            found += _objects(old.of(kind), new.of(kind), after.compilation, OTHERS)
        found += _hosts(before, after)
    return tuple(found)


# ------------------------------------------------------------------------------------------------------- VMs


def _vms(before: PlannedProgram, after: PlannedProgram, compared: Compared) -> Iterator[ObjectDiff]:
    old = {each.name: (each, host) for host, group in before.vms.items() for each in group}
    new = {each.name: (each, host) for host, group in after.vms.items() for each in group}
    for name, (wanted, host) in new.items():
        if name not in old:
            yield ObjectDiff("vm", name, ObjectFate.ADDED)
            continue
        was, place = old[name]
        changes = tuple(_changes(was, wanted, place, host, compared))
        if changes:
            yield ObjectDiff("vm", name, ObjectFate.CHANGED, changes)
    yield from (ObjectDiff("vm", name, ObjectFate.REMOVED) for name in old if name not in new)


def _changes(was: Desired, wanted: Desired, place: str | None, host: str | None, compared: Compared) -> Iterator[Change]:
    if place != host:
        # A move is a migration: it interrupts the guest no more than that does (docs/deploy.md).
        yield Change("place", place, host, Effect.LIVE, wanted.where(("place",), True)[1])
    if was.autostart != wanted.autostart:
        yield Change("autostart", _word(was.autostart), _word(wanted.autostart), Effect.LIVE, wanted.where(("autostart",), True)[1])
    old, new = (None if each.power == NOBODYS else each.power for each in (was, wanted))
    if old != new:
        yield Change("power", old, new, Effect.LIVE, wanted.where(("power",), True)[1])
    if was.domain == wanted.domain and was.open == wanted.open:
        return
    for each in compared(was.domain, wanted.domain):
        if each.path != ("origin", "source"):
            effect = effect_of(each, was.domain, wanted.domain)
            path, where = wanted.where(each.path, each.after is not None)
            yield _change(each, path, effect, where)
    yield from _passwords(was, wanted)


def _passwords(was: Desired, wanted: Desired) -> Iterator[Change]:
    """Of displays that both have: which parameter gives it, and of a text only that there is one."""
    before = {str(each.type): each.passwd for each in was.domain.graphics}
    for each in wanted.domain.graphics:
        display = str(each.type)
        old, new = (before.get(display), was.open.get(display)), (each.passwd, wanted.open.get(display))
        if display in before and old != new:
            change = Difference(("graphics", each.label, "passwd"), old[0], new[0])
            path, where = wanted.where(change.path, new[0] is not None)
            yield Change(path, _password(*old), _password(*new), classify(change, wanted.domain)[0], where)


def _password(text: Value | None, param: str | None) -> str | None:
    return f"${param}" if param is not None else None if text is None else "(secret)" if text else '""'


def _change(each: Difference, path: str, effect: Effect, where: SourcePlace) -> Change:
    return Change(path, shown(each.path, each.before), shown(each.path, each.after), effect, where)


def _word(value: bool | None) -> str | None:
    return None if value is None else "true" if value else "false"


# --------------------------------------------------------------------------------------- hosts, and the rest

Classes = tuple[tuple[str, Effect], ...]

OTHERS: Classes = (("description", Effect.COSMETIC), ("title", Effect.COSMETIC), ("**", Effect.NEXT_BOOT))
"""Networks, pools and volumes: libvirt takes a new definition from the object's next start on (virNetworkDefineXML)."""
HOST: Classes = (
    ("kernel.**", Effect.HOST_REBOOT),
    ("modprobe.**", Effect.HOST_REBOOT),
    ("numa.*.hugepages.**", Effect.HOST_REBOOT),
    ("vfio", Effect.HOST_REBOOT),
    ("iommu", Effect.HOST_REBOOT),
    ("smt", Effect.HOST_REBOOT),
    ("realtime-kernel", Effect.HOST_REBOOT),
    ("sysctl.**", Effect.LIVE),
    ("sysfs.**", Effect.LIVE),
    ("modules", Effect.LIVE),
    ("transparent-hugepage", Effect.LIVE),
    ("ksm.**", Effect.LIVE),
    ("governor", Effect.LIVE),
    ("irqbalance", Effect.LIVE),
    ("tuned", Effect.LIVE),
    ("reserve.cpus", Effect.LIVE),
    ("**", Effect.COSMETIC),
)
"""What is only known of a host changes nothing there; what is boot-time in docs/outputs.md waits for a boot."""


def _objects(
    before: Sequence[Object[Block]], after: Sequence[Object[Block]], compilation: Compilation, classes: Classes
) -> Iterator[ObjectDiff]:
    old = {each.name: each for each in before}
    for each in after:
        was = old.pop(each.name, None)
        if was is None:
            yield ObjectDiff(each.kind, each.name, ObjectFate.ADDED)
        elif changes := tuple(_settings(was, each, compilation, classes)):
            yield ObjectDiff(each.kind, each.name, ObjectFate.CHANGED, changes)
    yield from (ObjectDiff(each.kind, each.name, ObjectFate.REMOVED) for each in old.values())


def _settings(was: Object[Block], now: Object[Block], compilation: Compilation, classes: Classes) -> Iterator[Change]:
    for each in differences(was.spec, now.spec):
        effect = next(effect for pattern, effect in classes if fits(tuple(pattern.split(".")), each.path))
        yield _change(each, show_path(each.path), effect, _where(now, each.path, compilation))


def _where(of: Object[Block], path: Path, compilation: Compilation) -> SourcePlace:
    trail = of.trails.get(path) or ()
    span = strongest_span(trail, compilation.trail_of, of.name) or of.where(path)
    return SourcePlace(compilation.name(span.source), position(span.source, span.start).line, trail[-1].origin if trail else None)


def _hosts(before: BuildSide, after: BuildSide) -> Iterator[ObjectDiff]:
    known = {each.name: each for each in _objects(before.compilation.fleet.hosts, after.compilation.fleet.hosts, after.compilation, HOST)}
    names = dict.fromkeys(each.name for each in (*after.compilation.fleet.hosts, *before.compilation.fleet.hosts))
    for name in names:
        files = tuple(_files(f"hosts/{name}/", before.files, after.files))
        found = known.get(name) or (ObjectDiff("host", name, ObjectFate.CHANGED) if files else None)
        if found is not None:
            yield ObjectDiff(found.kind, name, found.fate, found.changes, files)


def _files(folder: str, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[tuple[str, ObjectFate]]:
    for path in sorted({*before, *after}):
        if path.startswith(folder) and before.get(path) != after.get(path):
            fate = ObjectFate.ADDED if path not in before else ObjectFate.REMOVED if path not in after else ObjectFate.CHANGED
            yield path.removeprefix(folder).removeprefix("root"), fate


def worst(diffs: Iterable[ObjectDiff]) -> dict[Effect, int]:
    """How many changes there are of each class."""
    counts = dict.fromkeys(Effect, 0)
    for diff in diffs:
        for change in diff.changes:
            counts[change.effect] += 1
    return {effect: count for effect, count in counts.items() if count}

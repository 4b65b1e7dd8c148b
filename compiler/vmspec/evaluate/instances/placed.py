"""What a placement says of a VM, as weak settings: its host, and where nothing else says them its CPUs and nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vmspec.base.provenance import Path, span_of
from vmspec.base.record import record
from vmspec.base.source import Span
from vmspec.evaluate import codes
from vmspec.evaluate.defaults import field_at
from vmspec.evaluate.evaluated import SettledValue
from vmspec.evaluate.merge.merged import MergedPath, Structure
from vmspec.evaluate.merge.statements import Collected, Layer, Setting
from vmspec.evaluate.session import POISON, Session, ValueOrError
from vmspec.model.placement import HostPlacement
from vmspec.model.value import CpuSet, ObjectRef, Pins, Symbol, Value

if TYPE_CHECKING:
    from vmspec.evaluate.instances.evaluator import Evaluator
    from vmspec.evaluate.instances.instance import Template

PIN: Path = ("cpu", "pin")


def is_chosen(place: Value | None) -> bool:
    """Whether a placement chooses the host, and not the text."""
    return (isinstance(place, Symbol) and place == "auto") or isinstance(place, tuple)


def host_name(template: Template, place: SettledValue) -> str | None:
    """The name of the host that the current object is on; "" where one is still to be chosen."""
    if not is_chosen(place.value):
        return place.value.name if isinstance(place.value, ObjectRef) else None
    template.placement = placement_of(template.name, place, template.session, span_of(place.trail) or template.head)
    return template.placement.host if template.placement is not None else ""


def host_of(template: Template, place: SettledValue | None) -> ObjectRef | None:
    if place is not None and isinstance(place.value, ObjectRef):
        return place.value
    return ObjectRef("host", template.placement.host) if template.chosen and template.placement is not None else None


def placement_of(name: str, place: SettledValue, session: Session, span: Span) -> HostPlacement | None:
    """The placement that the lock has of a VM, if it fits what the program says; None, after an error where a placement is due."""
    found = session.placements.get(name)
    if session.placing:
        return None
    allowed = [each.name for each in place.value if isinstance(each, ObjectRef)] if isinstance(place.value, tuple) else list(session.hosts)
    if found is not None and found.host in allowed and found.host in session.hosts:
        return found
    if found is None:
        said = f'nothing has chosen a host for "{name}" yet'
    else:
        said = f'the lock has "{name}" on {found.host}, which is none of the hosts that it may be on'
    session.say(codes.NOT_PLACED, said, span, help="run `vmc place`, which writes its choice into the lock", subject=name, about=name)
    return None


@record(slots=True, eq=False)
class PlacedPaths:
    """The settings that a placement gives the objects of one template; `give` changes their values from object to object."""

    settings: dict[Path, Setting]

    def give(self, placement: HostPlacement | None) -> None:
        for path, setting in self.settings.items():
            setting.constant = POISON if placement is None else _value(path, placement)

    def add_to(self, shape: Structure, many: bool) -> None:
        for path, setting in self.settings.items():
            slot = shape.slots.get(path)
            if slot is None:
                shape.slots[path] = MergedPath(path, (setting,), varies=many)
            else:
                slot.settings, slot.varies = (setting,), many


NOT_CHOSEN: tuple[bool, HostPlacement | None, PlacedPaths | None] = (False, None, None)


def placed_paths(template: Template, shape: Structure, collected: Collected, run: Evaluator) -> PlacedPaths:
    """Which paths a placement says: those that nothing sets and that a guest of this kind has."""

    def read(path: Path) -> Value | None:
        slot = shape.slots.get(path)
        settled = run.settle(slot) if slot is not None and slot.settings else None
        return settled.value if settled is not None else None

    required = any(need.path == PIN for need in collected.requirements)
    place = shape.slots.get(("place",))
    span = place.settings[-1].value_span if place is not None and place.settings else template.head
    own = required or read(("cpu", "isolate")) is True or read(("cpu", "thread-policy")) is not None
    local = own or read(("numa", "local")) is True
    cells = [path for path in shape.blocks if len(path) == 3 and path[:2] == ("numa", "cell")]
    due: list[Path] = []
    if own:
        due += [PIN, ("emulator", "pin"), *((*path, "pin") for path in shape.blocks if len(path) == 2 and path[0] == "iothread")]
    elif local:
        due.append(("cpu", "cpuset"))
    if local:
        due += [(*cell, "nodeset") for cell in cells] or [("numa", "nodeset")]
    pinned = any(path[0] == "vcpu" and path[-1] == "pin" for path in shape.slots)
    layer = Layer(0, "lock", 0)
    settings = {}
    for path in due:
        slot = shape.slots.get(path)
        if (slot is None or not slot.settings) and not (path == PIN and pinned):
            settings[path] = Setting(path, "?=", False, field_at(template.block, path), layer, span, template.frame, constant=POISON)
    return PlacedPaths(settings)


def _value(path: Path, placement: HostPlacement) -> ValueOrError:
    match path:
        case ("cpu", "pin"):
            return Pins.each(placement.pins) if placement.pins else POISON
        case ("cpu", "cpuset"):
            return placement.cpuset or POISON
        case ("numa", "nodeset"):
            return CpuSet.of(placement.nodes) or POISON
        case ("numa", "cell", label, "nodeset"):
            index = int(label) if label.isdigit() else len(placement.nodes)
            return CpuSet.of((placement.nodes[index],)) if index < len(placement.nodes) else POISON
        case _:
            return placement.emulator or POISON

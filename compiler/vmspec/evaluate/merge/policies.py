"""Applies policies to a merged object: values that a policy supplies or demands, and paths that it locks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from vmspec.base.diagnostic import Label
from vmspec.base.provenance import Path, show_path
from vmspec.base.record import record
from vmspec.evaluate import codes
from vmspec.evaluate.evaluated import SettledValue
from vmspec.evaluate.instances.evaluator import EvaluatedObject
from vmspec.evaluate.instances.fits import Judge, chosen
from vmspec.evaluate.merge.branches import Mode
from vmspec.evaluate.merge.collect import Collector
from vmspec.evaluate.merge.conflicts import shown_at
from vmspec.evaluate.merge.merged import Structure, expand, fill, structure
from vmspec.evaluate.merge.overlay import policy_bodies
from vmspec.evaluate.merge.statements import BlockDeclaration, Collected, Layer, Setting
from vmspec.evaluate.reads import varies
from vmspec.evaluate.session import ErrorValue, Session, ValueOrError
from vmspec.model.value import Value


@record(frozen=True, slots=True)
class Ruling:
    """What one policy says about one object."""

    layer: Layer
    demands: Structure
    collected: Collected
    judge: Judge | None
    """Decides its conditions; None if there are none."""


def rulings(
    subject: EvaluatedObject, shape: Structure, merged: Callable[[], Judge], varying: set[int], rank: int
) -> tuple[list[Ruling], bool]:
    """Each policy's own settings for this object, and whether they may differ between the objects of its template.

    A value that nobody gives becomes a slot. `merged` makes what decides conditions by the merged values.
    """
    found: list[Ruling] = []
    differ = False
    for overlay in policy_bodies(subject.session, subject.definition.kind, subject.name):
        layer = Layer(rank, overlay.origin, 0)
        collected = Collected()
        Collector(subject.session, subject.block, collected).body(overlay.body, overlay.frame, Mode(layer, policy=True))
        judge = merged() if overlay.where is not None or collected.conditional else None
        if overlay.where is not None and judge is not None and not chosen(overlay, judge):
            differ |= judge.varies or varies(overlay.where, overlay.frame, varying)
            continue
        ruling = Ruling(layer, _demands(collected, shape, layer, judge, subject.session), collected, judge)
        _supply(ruling, shape, varying, subject.session)
        differ |= judge is not None and (judge.varies or any(varies(e, f, varying) for e, f in collected.structural))
        differ |= overlay.where is not None and varies(overlay.where, overlay.frame, varying)
        found.append(ruling)
    return found, differ


def _demands(collected: Collected, shape: Structure, layer: Layer, judge: Judge | None, session: Session) -> Structure:
    openings = [BlockDeclaration(path, layer, span) for path, span in shape.blocks.items()]
    own = Collected(settings=collected.settings, openings=openings)
    demands = structure(own, session)
    if judge is not None:
        fill(demands, own, judge.fits, session)
        demands.locks = tuple(each for lock in demands.locks for each in _narrowed(lock, shape, judge))
    return demands


def _narrowed(lock: Setting, shape: Structure, judge: Judge) -> Iterator[Setting]:
    """`final path` under a wildcard with a condition, for each block that fits."""
    if not lock.where:
        yield lock
        return
    for path in expand(lock.path, shape):
        if judge.fits(lock.where, path):
            yield Setting(path, lock.operation, lock.final, lock.field, lock.layer, lock.span, lock.frame)


def _supply(ruling: Ruling, shape: Structure, varying: set[int], session: Session) -> None:
    for path, slot in ruling.demands.slots.items():
        for s in slot.settings:
            if not s.final or s.operation != "=":
                message = "a policy states `final path = value`, `final path` or `assert`, and sets nothing by itself"
                session.say(codes.POLICY, message, s.span, help=f"write `final {show_path(path)} = …`")
        if path not in shape.slots and path not in shape.removed:
            slot.varies = any(s.expr is not None and varies(s.expr, s.frame, varying) for s in slot.settings)
            shape.slots[path] = slot


def enforce(
    found: list[Ruling],
    shape: Structure,
    body_rank: int,
    values: Mapping[Path, SettledValue],
    demanded: Callable[[Structure, Setting], ValueOrError],
    session: Session,
) -> None:
    """Report violations of policies. `demanded` evaluates the value that a policy sets."""
    for ruling in found:
        for lock in ruling.demands.locks:
            _kept(lock, ruling.layer, shape, body_rank, session)
        for path, slot in ruling.demands.slots.items():
            held = shape.slots.get(path)
            settled = values.get(path)
            if held is None or held is slot or settled is None or not held.settings or not slot.settings[-1].final:
                continue
            wanted = demanded(ruling.demands, slot.settings[-1])
            if not isinstance(wanted, ErrorValue) and wanted != settled.value:
                _disagrees(ruling.layer, slot.settings[-1], held.settings[-1], path, wanted, settled, session)


def _kept(lock: Setting, layer: Layer, shape: Structure, body_rank: int, session: Session) -> None:
    size = len(lock.path)
    for path, slot in shape.slots.items():
        if not (path[:size] == lock.path or (lock.wildcard and _matches(path, lock.path))):
            continue
        for s in slot.settings:
            if s.layer.rank >= body_rank and s.layer.rank != layer.rank:
                message = f"{s.layer.origin} sets {show_path(path)}, which {layer.origin} leaves to the profiles"
                session.say(codes.POLICY, message, s.span, labels=(Label(lock.span, "locked here"),))


def _disagrees(layer: Layer, demand: Setting, held: Setting, path: Path, wanted: Value, settled: SettledValue, session: Session) -> None:
    has = f"{held.layer.origin} sets {show_path(path)} to {shown_at(path, settled.value)}"
    message = f"{has}, and {layer.origin} demands {shown_at(path, wanted)}"
    session.say(codes.POLICY, message, held.span, labels=(Label(demand.span, "demanded here"),))


def _matches(path: Path, pattern: Path) -> bool:
    return len(path) >= len(pattern) and all(q in ("*", p) for p, q in zip(path, pattern, strict=False))

"""Decides which blocks a conditional wildcard (`disk "*" where …`) fills.

A condition holds where it does with what named blocks set, and still does with what wildcards without a condition fill: so no wildcard
makes another one fit, and none fills what an unconditional one has made unfit. There is no cycle and no order.
"""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from vmspec.base.diagnostic import Label, Severity
from vmspec.base.provenance import Path, show_path
from vmspec.base.record import field, record
from vmspec.evaluate import codes
from vmspec.evaluate.defaults import block_at, field_at
from vmspec.evaluate.evaluated import SettledValue
from vmspec.evaluate.expression import evaluate
from vmspec.evaluate.instances.follows import follows, format_of, stands
from vmspec.evaluate.merge.conflicts import shown_at
from vmspec.evaluate.merge.merged import MergedPath, Structure
from vmspec.evaluate.merge.overlay import Overlay
from vmspec.evaluate.merge.statements import WildcardCondition
from vmspec.evaluate.merge.where import COMPARISONS, LABEL, condition, line_at, normal, steps_of
from vmspec.evaluate.operators import apply_binary, describe, same
from vmspec.evaluate.reads import self_reads
from vmspec.evaluate.session import POISON, ErrorValue, Session, ValueOrError
from vmspec.model.block import Attr, Block, Many, schema
from vmspec.model.kind import Problem
from vmspec.model.value import Symbol, Value
from vmspec.syntax import tree

WildcardScope: TypeAlias = Literal["named", "all"]
"""Which settings a condition is decided with: those of named blocks, or those of wildcards too."""


class ShapeEvaluator(Protocol):
    """What settles the slots of an object: its evaluator."""

    shape: Structure
    resolve: bool

    def settle(self, slot: MergedPath) -> SettledValue | None: ...


@record(slots=True)
class Judge:
    """Decides the conditions for one object, from its structure without conditional wildcards."""

    session: Session
    block: type[Block]
    name: str
    run: ShapeEvaluator
    many: bool
    """Whether the object belongs to a template, so that its name varies."""
    scopes: tuple[WildcardScope, ...] = ("named", "all")
    """A condition holds where it does by each of these."""
    confirmed: bool = False
    decided: dict[tuple[int, Path], tuple[WildcardCondition, bool]] = field(default_factory=dict)
    varies: bool = False
    """Whether a value that was read differs between the objects of the template."""
    failed: bool = False

    def fits(self, wheres: tuple[WildcardCondition, ...], path: Path) -> bool:
        """Whether all conditions hold for the blocks on the way to a path."""
        return all(self.fits_one(w, path[: len(w.pattern)]) for w in wheres)

    def fits_one(self, where: WildcardCondition, block: Path) -> bool:
        known = self.decided.get((id(where), block))
        if known is not None:
            return known[1]
        answer = all(self.holds(where, block, scope) for scope in self.scopes)
        self.decided[id(where), block] = (where, answer)
        return answer

    def holds(self, where: WildcardCondition, block: Path, scope: WildcardScope) -> bool:
        view = _View(self, self.run, block, scope)
        result = _Condition(where, view, self.session).decide(where.expr)
        self.varies |= view.varies
        self.failed |= isinstance(result, ErrorValue)
        return result is True

    def confirm(self, final: ShapeEvaluator) -> None:
        """Warn if a condition would be decided otherwise after the wildcards have filled the blocks."""
        if self.failed or self.confirmed:
            return
        self.confirmed = True
        for (_, block), (where, answer) in self.decided.items():
            view = _View(self, final, block, "all")
            if _Condition(where, view, self.session).decide(where.expr) is (not answer):
                self.differs(where, block, view, answer)

    def differs(self, where: WildcardCondition, block: Path, view: _View, answer: bool) -> None:
        before = _View(self, self.run, block, "named")
        for access in self_reads(where.expr):
            steps = steps_of(access)
            then, now = before.value(steps), view.value(steps)
            if now is None or isinstance(now, ErrorValue) or isinstance(then, ErrorValue) or (then is not None and same(then, now)):
                continue
            if now == default_of(self.block, (*block, *steps)):
                return  # A wildcard that spells the model's default out decides nothing.
            slot = view.run.shape.slots.get((*block, *steps))
            labels = tuple(Label(s.span, f"filled here, by {s.layer.origin}") for s in slot.settings[-1:]) if slot is not None else ()
            said = shown_at((*block, *steps), now)
            self.session.say(
                codes.WHERE_FILLED,
                f"{show_path(block)} gets {show_path(steps)} = {said} from a wildcard, which this `where` does not read: "
                f"it {'fits' if answer else 'does not fit'} the block",
                where.span,
                labels=labels,
                help=f"set {show_path(steps)} in the block itself",
                severity=Severity.WARNING,
                subject=f"{self.name} {block}",
            )
            return


def chosen(overlay: Overlay, judge: Judge) -> bool:
    """Whether a conditional block of an env or policy, `vm "*" where db in tags { }`, applies to the object."""
    assert overlay.where is not None
    expr = condition(overlay.where, judge.block, overlay.frame, judge.session)
    return expr is not None and judge.fits((WildcardCondition((), expr, overlay.frame, overlay.where.span),), ())


class _View:
    """The values of one block that a condition reads."""

    def __init__(self, judge: Judge, run: ShapeEvaluator, block: Path, scope: WildcardScope) -> None:
        self.judge = judge
        self.run = run
        self.block = block
        self.scope = scope
        self.unset = False
        """Whether the last attribute that was read is not set."""
        self.varies = False

    def read(self, steps: Path, access: tree.Access) -> ValueOrError:
        value = self.value(steps)
        self.unset = value is None
        return POISON if value is None else value

    def has(self, steps: Path) -> bool:
        """Whether the block itself sets it, or a part of it."""
        path = (*self.block, *steps)
        slots = (s for p, s in self.judge.run.shape.slots.items() if p[: len(path)] == path)
        return any(not s.wildcard for slot in slots for s in slot.settings)

    def value(self, steps: Path) -> ValueOrError | None:
        if steps == (LABEL,) and field_at(self.judge.block, (*self.block, *steps)) is None:
            return self.label()
        return self.look((*self.block, *steps))

    def label(self) -> Value:
        if not self.block:
            self.varies |= self.judge.many
            return self.judge.name
        kind = field_at(self.judge.block, self.block[:-1])
        numbered = kind is not None and isinstance(kind.line, Many) and kind.line.numbered
        return int(self.block[-1]) if numbered else self.block[-1]

    def look(self, path: Path) -> ValueOrError | None:
        """The value at a path: set, derived, or the model's default."""
        slot = self.slot(path)
        if slot is not None:
            return self.settled(slot)
        inside = self.inside(path)
        if inside is not None or not self.run.resolve:
            return inside
        found = follows(path, self.plain)
        if found is not None:
            return found
        default = default_of(self.judge.block, path)
        return default if default is not None and stands(path, self.plain) else None

    def plain(self, path: Path) -> Value | None:
        value = self.look(path)
        return None if isinstance(value, ErrorValue) else value

    def slot(self, path: Path) -> MergedPath | None:
        """The slot at a path, of which some setting counts; a dotted key of an open map is one step."""
        for size in range(len(path), 0, -1):
            slot = self.run.shape.slots.get((*path[: size - 1], ".".join(path[size - 1 :])))
            if slot is not None and any(self.scope == "all" or not s.wildcard for s in slot.settings):
                return slot
        return None

    def settled(self, slot: MergedPath) -> ValueOrError:
        settled = self.run.settle(slot)
        self.varies |= slot.varies
        if settled is None:
            return POISON
        value = settled.value
        return Symbol(type(value).tag) if isinstance(value, Block) else value

    def inside(self, path: Path) -> ValueOrError | None:
        """`source.format`: an argument of the source."""
        slot = self.slot(path[:-1]) if len(path) > 1 else None
        settled = self.run.settle(slot) if slot is not None else None
        if slot is None or settled is None or not isinstance(settled.value, Block):
            return None
        self.varies |= slot.varies
        found = schema(type(settled.value)).by_name.get(path[-1])
        value: Value | None = getattr(settled.value, found.python) if found is not None else None
        return format_of(settled.value) if value is None and path[-1] == "format" and self.run.resolve else value


def default_of(root: type[Block], path: Path) -> Value | None:
    known = field_at(root, path)
    return known.line.default if known is not None and isinstance(known.line, Attr) else None


class _Condition:
    """Evaluates a condition: an error value is propagated, an attribute that nothing sets equals nothing."""

    def __init__(self, where: WildcardCondition, view: _View, session: Session) -> None:
        self.where = where
        self.view = view
        self.session = session
        self.about = block_at(view.judge.block, view.block)

    def decide(self, e: tree.Expr) -> bool | ErrorValue:
        match e:
            case tree.Binary(operator="and" | "or"):
                left = self.decide(e.left)
                return left if left is (e.operator == "or") or isinstance(left, ErrorValue) else self.decide(e.right)
            case tree.Unary(operator="not"):
                inner = self.decide(e.operand)
                return inner if isinstance(inner, ErrorValue) else not inner
            case tree.Binary() if e.operator in COMPARISONS:
                return self.compare(e)
            case _:
                return self.boolean(e)

    def boolean(self, e: tree.Expr) -> bool | ErrorValue:
        value = self.value(e)
        if value is None:
            return False
        if isinstance(value, (bool, ErrorValue)):
            return value
        self.session.say(codes.BAD_OPERAND, f"`where` takes a boolean, and {e.span.line} is {describe(value)}", e.span)
        return POISON

    def value(self, e: tree.Expr) -> ValueOrError | None:
        """None where it reads an attribute that nothing sets."""
        self.view.unset = False
        value = evaluate(e, self.where.frame, self.session, self.view)
        return None if isinstance(value, ErrorValue) and self.view.unset else value

    def compare(self, e: tree.Binary) -> bool | ErrorValue:
        left = self.value(e.left)
        right = self.value(e.right)
        if left is None or right is None:
            return e.operator == "!="
        if isinstance(left, ErrorValue) or isinstance(right, ErrorValue):
            return POISON
        result = apply_binary(e, left, self.of_kind(e, right), self.session)
        return result if isinstance(result, bool) else POISON

    def of_kind(self, e: tree.Binary, right: Value) -> Value:
        """What an attribute is compared with, as the attribute's kind keeps it: `target == vda`, `nodeset == 0`."""
        about, access = self.about, e.left
        found = line_at(about, steps_of(access)) if about is not None and isinstance(access, tree.Access) and access.is_self else None
        if found is None:
            return right
        if e.operator == "in" and isinstance(right, tuple):
            return tuple(r for r in (normal(item, found) for item in right) if not isinstance(r, Problem))
        read = normal(right, found)
        return right if isinstance(read, Problem) else read

"""Resolves a merged path: strength first, then layer; conflicting siblings, broken locks and absent items are errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vmspec.base.diagnostic import Edit, Fix, Label
from vmspec.base.provenance import Path, Provenance, Step, StepKind, ValueAddress, ValueInput, show_path
from vmspec.base.record import record
from vmspec.base.source import Span
from vmspec.base.unspoken import covered
from vmspec.evaluate import codes
from vmspec.evaluate.evaluated import Strength
from vmspec.evaluate.merge.merged import MergedPath, over
from vmspec.evaluate.merge.mro import CommonAncestor, Lineage
from vmspec.evaluate.merge.statements import Setting
from vmspec.evaluate.operators import describe, limited, same, without
from vmspec.evaluate.reads import bindings
from vmspec.evaluate.session import POISON, ErrorValue, Session, ValueOrError
from vmspec.model.block import Block
from vmspec.model.show import show
from vmspec.model.value import CpuSet, Pins, Secret, Value

Evaluate = Callable[[Setting], ValueOrError]
"""Evaluates a setting, in the form that its kind keeps."""


@record(frozen=True, slots=True)
class Decision:
    value: Value
    trail: Provenance
    strength: Strength
    winner: Setting | None


def decide(
    slot: MergedPath, lineage: Lineage, session: Session, evaluate: Evaluate, operands: Callable[[Setting], tuple[ValueAddress, ...]]
) -> Decision | ErrorValue:
    """The value of a merged path; POISON after a diagnostic."""
    if len(slot.settings) == 1 and slot.settings[0].operation in ("=", "?="):
        only = slot.settings[0]
        value = evaluate(only)
        if isinstance(value, ErrorValue):
            return value
        trail = (*_history(slot, only), _step(StepKind.SET, only, operands))
        return Decision(value, trail, strength(only), only)
    return _Decider(slot, lineage, session, evaluate, operands).run()


def taking_part(slot: MergedPath) -> list[Setting]:
    """The settings whose values may be needed; one that a stronger setting replaces is never evaluated."""
    values = [s for s in slot.settings if s.operation in ("=", "?=")]
    finals = [s for s in values if s.final]
    plains = [s for s in values if s.operation == "=" or s.final]
    pool = plains or values
    kept = [s for s in pool if s.final or not any(over(o.layer, s.layer) for o in finals or pool)]
    lasting = [s for s in pool if s in plains]
    changes = [s for s in slot.settings if s.operation in ("+=", "-=") and not any(over(o.layer, s.layer) for o in lasting)]
    return [s for s in slot.settings if s in kept or s in changes]


def strength(setting: Setting) -> Strength:
    return "final" if setting.final else "weak" if setting.operation == "?=" else "plain"


def _step(kind: StepKind, setting: Setting, operands: Callable[[Setting], tuple[ValueAddress, ...]]) -> Step:
    return Step(
        kind,
        setting.layer.origin,
        setting.span,
        operands(setting),
        strength=strength(setting),
        inputs=_inputs(setting),
        wildcard=setting.wildcard,
    )


def _inputs(setting: Setting) -> tuple[ValueInput, ...]:
    if setting.variables is None:
        setting.variables = bindings(setting.expr, setting.frame) if setting.expr is not None else ()
    return tuple(binding.input(name) for name, binding in setting.variables) if setting.variables else ()


def _history(slot: MergedPath, winner: Setting | None, others: Sequence[Setting] = ()) -> tuple[Step, ...]:
    """What was set and did not decide, weakest first, after the model's default."""
    default = slot.default.trail if slot.default is not None else ()
    lost = sorted((s for s in (*slot.dropped, *others) if s is not winner), key=lambda s: (s.operation != "?=", s.layer.rank))
    return (*default, *(Step(StepKind.OVERRIDDEN, s.layer.origin, s.span) for s in lost))


class _Decider:
    def __init__(
        self,
        slot: MergedPath,
        lineage: Lineage,
        session: Session,
        evaluate: Evaluate,
        operands: Callable[[Setting], tuple[ValueAddress, ...]],
    ) -> None:
        self.slot = slot
        self.lineage = lineage
        self.session = session
        self.evaluate = evaluate
        self.operands = operands
        self.name = show_path(slot.path)
        self.values = [s for s in slot.settings if s.operation in ("=", "?=")]
        self.changes = [s for s in slot.settings if s.operation in ("+=", "-=")]

    def run(self) -> Decision | ErrorValue:
        finals = [s for s in self.values if s.final]
        if (finals and not self.locked(finals)) or not self.locked_changes():
            return POISON
        plains = [s for s in self.values if s.operation == "="]
        pool = finals or plains or self.values
        winner: Setting | None = None
        value: ValueOrError | None = None
        if pool:
            found = self.strongest(pool)
            if isinstance(found, ErrorValue):
                return found
            winner, value = found
        base = winner if winner is not None and (winner.final or winner.operation == "=") else None
        applied = self.surviving(base, [s for s in pool if s in plains or s in finals])
        if isinstance(applied, ErrorValue):
            return applied
        if value is None and self.slot.default is not None:
            value = self.slot.default.value
        history = _history(self.slot, winner, [s for s in (*self.values, *self.changes) if s not in applied])
        steps = list(history)
        if winner is not None:
            steps.append(_step(StepKind.SET, winner, self.operands))
        opposed = self.opposed(applied)
        if opposed is not None:
            return opposed
        for change in applied:
            value = self.change(value, change, applied)
            if isinstance(value, ErrorValue):
                return value
            kind = StepKind.APPENDED if change.operation == "+=" else StepKind.REMOVED
            steps.append(_step(kind, change, self.operands))
        if value is None or isinstance(value, ErrorValue):
            return POISON
        last = applied[-1] if applied else winner
        assert last is not None
        return Decision(value, tuple(steps), "final" if any(s.final for s in (*pool, *applied)) else strength(last), last)

    def shown(self, value: ValueOrError) -> str:
        return shown_at(self.slot.path, value)

    # ---------------------------------------------------------------------------------------------- locks

    def locked(self, finals: list[Setting]) -> bool:
        """Whether every lock holds: all equal, and nothing stronger or beside one says otherwise."""
        lock = finals[-1]
        held = self.evaluate(lock)
        if isinstance(held, ErrorValue):
            return False
        for other in finals[:-1]:
            value = self.evaluate(other)
            if isinstance(value, ErrorValue):
                return False
            if not same(value, held):
                first, second = (f"{self.shown(each)} by {by.layer.origin}" for each, by in ((held, lock), (value, other)))
                message = f"{self.name} is locked as {first} and as {second}"
                self.session.say(codes.FINALS_DISAGREE, message, lock.span, labels=(Label(other.span, "locked here too"),))
                return False
        for s in (*self.values, *self.changes):
            if s.final or s.operation == "?=" or all(over(f.layer, s.layer) for f in finals):
                continue
            value = POISON if s.operation != "=" else self.evaluate(s)
            if s.operation == "=" and (isinstance(value, ErrorValue) or same(value, held)):
                continue
            what = f"sets {self.name} to {self.shown(value)}" if not isinstance(value, ErrorValue) else f"changes {self.name}"
            self.broken(
                s,
                next(f for f in finals if not over(f.layer, s.layer)),
                f"{s.layer.origin} {what}, which {lock.layer.origin} locks as {self.shown(held)}",
            )
            return False
        return True

    def locked_changes(self) -> bool:
        """`final tags += [x]` locks the path as it is then."""
        for lock in (s for s in self.changes if s.final):
            for s in (*self.values, *self.changes):
                if (
                    s is not lock
                    and not s.final
                    and s.operation != "?="
                    and s.layer.rank != lock.layer.rank
                    and not over(lock.layer, s.layer)
                ):
                    self.broken(s, lock, f"{s.layer.origin} changes {self.name}, which {lock.layer.origin} locks")
                    return False
        return True

    def broken(self, offender: Setting, lock: Setting, message: str) -> None:
        labels = [Label(lock.span, "locked here with `final`")]
        labels += [
            Label(use.span, f"{use.profile.title} comes in here")
            for use in self.lineage.uses
            if f"profile {use.profile.title}" == lock.layer.origin
        ]
        self.session.say(codes.FINAL_BROKEN, message, offender.span, labels=tuple(labels))

    # ------------------------------------------------------------------------------------------- conflicts

    def strongest(self, pool: list[Setting]) -> tuple[Setting, Value] | ErrorValue:
        """The setting that no other beats, and its value; several such must agree."""
        top = [s for s in pool if not any(over(o.layer, s.layer) for o in pool)]
        winner = top[-1]
        value = self.evaluate(winner)
        if isinstance(value, ErrorValue):
            return value
        for other in top[:-1]:
            theirs = self.evaluate(other)
            if isinstance(theirs, ErrorValue):
                return theirs
            if not same(value, theirs):
                return self.conflict(other, winner, f"{self.shown(theirs)}", f"{self.shown(value)}")
        return winner, value

    def surviving(self, base: Setting | None, plains: list[Setting]) -> list[Setting] | ErrorValue:
        """The `+=` and `-=` that apply to the value; one of a sibling layer is a conflict."""
        if base is None:
            return self.changes
        top = [s for s in plains if not any(over(o.layer, s.layer) for o in plains)]
        kept: list[Setting] = []
        for change in self.changes:
            if all(over(change.layer, s.layer) or change.layer.rank == s.layer.rank for s in top):
                kept.append(change)
            elif not any(over(s.layer, change.layer) for s in top):
                beside = next(s for s in top if not over(change.layer, s.layer) and change.layer.rank != s.layer.rank)
                first, second = sorted((beside, change), key=lambda s: s.layer.rank)
                return self.conflict(first, second, covered(first.span.line), covered(second.span.line))
        return kept

    def conflict(self, a: Setting, b: Setting, left: str, right: str) -> ErrorValue:
        if a.layer.rank == b.layer.rank:
            return self.session.say(
                codes.SET_TWICE,
                f"{a.layer.origin} sets {self.name} to {left} and to {right}",
                b.span,
                labels=(Label(a.span, "set here first"),),
                help="a default that a `when` replaces is written with `?=`",
            )
        meeting = self.meeting(a, b)
        owner = meeting.profile.title if meeting is not None and meeting.profile is not None else ""
        labels = (Label(a.span, f"{a.layer.origin}: {left}"), Label(b.span, f"{b.layer.origin}: {right}"))
        names = (a.layer.origin.removeprefix("profile "), b.layer.origin.removeprefix("profile "))
        return self.session.say(
            codes.SIBLING_CONFLICT,
            f"{names[0]} and {names[1]} disagree on {self.name}: {left} against {right}",
            meeting.span if meeting is not None else b.span,
            labels=labels,
            notes=(f"they meet in the profile {owner}",) if owner else (),
            help=self.help(a, b, meeting),
            fix=self.fix(b, meeting),
        )

    def meeting(self, a: Setting, b: Setting) -> CommonAncestor | None:
        """The most basic declaration that derives from both: the common descendant of two conflicting profiles."""
        both = 1 << a.layer.rank | 1 << b.layer.rank
        index = {id(use.profile): i for i, use in enumerate(self.lineage.uses)}
        for meeting in reversed(self.lineage.meetings):
            reach = 0
            for d in meeting.defs:
                reach |= self.lineage.reach[index[id(d)]]
            if reach & both == both:
                return meeting
        return None

    def help(self, a: Setting, b: Setting, meeting: CommonAncestor | None) -> str:
        settings = " or ".join(f"the value of {s.layer.origin}" if "\n" in s.span.text else f"`{covered(s.span.text)}`" for s in (a, b))
        if meeting is None or len(meeting.parents) < 2:
            return f"set it in a stronger layer ({settings})"
        ends = [self.side(s, meeting) for s in (a, b)]
        if None in ends or ends[0] == ends[1]:
            return f"set it in a stronger layer ({settings})"
        first, second = (meeting.parents[e].name.dotted for e in ends if e is not None)
        wins = f"`extends {first}, over {second}` or `extends {second}, over {first}`"
        return f"say who wins ({wins}), or set it in a stronger layer ({settings})"

    def side(self, setting: Setting, meeting: CommonAncestor) -> int | None:
        """The parent, by position, through which a setting comes in."""
        index = {id(use.profile): i for i, use in enumerate(self.lineage.uses)}
        bit = 1 << setting.layer.rank
        return next((i for i, d in enumerate(meeting.defs) if self.lineage.reach[index[id(d)]] & bit), None)

    def fix(self, winner: Setting, meeting: CommonAncestor | None) -> Fix | None:
        at = self.side(winner, meeting) if meeting is not None else None
        if meeting is None or not at or meeting.parents[at].over:
            return None
        parent = meeting.parents[at]
        return Fix(f"let {parent.name.dotted} win", (Edit(Span(parent.span.source, parent.span.start, parent.span.start), "over "),))

    # ----------------------------------------------------------------------------------------------- lists

    def opposed(self, changes: list[Setting]) -> ErrorValue | None:
        """Report siblings of which one adds what the other removes: their order would matter."""
        for at, a in enumerate(changes):
            for b in changes[:at]:
                if (
                    a.operation != b.operation
                    and a.layer.rank != b.layer.rank
                    and not over(a.layer, b.layer)
                    and not over(b.layer, a.layer)
                ):
                    mine, theirs = self.evaluate(a), self.evaluate(b)
                    if not isinstance(mine, ErrorValue) and not isinstance(theirs, ErrorValue) and self.share(mine, theirs, a.span):
                        return self.conflict(b, a, covered(b.span.line), covered(a.span.line))
        return None

    def share(self, a: Value, b: Value, span: Span) -> bool:
        """Whether two lists or cpusets have a common member."""
        if isinstance(a, CpuSet) and isinstance(b, CpuSet):
            return bool(a & b)
        return isinstance(a, tuple) and isinstance(b, tuple) and len(without(a, b, span, self.session)) < len(a)

    def removed_beside(self, item: Value, setting: Setting, applied: list[Setting]) -> bool:
        """Whether a sibling has removed the item already: taken away twice, which is no mistake."""
        for other in applied:
            if other is setting:
                return False
            if other.operation == "-=" and not over(setting.layer, other.layer):
                items = self.evaluate(other)
                if not isinstance(items, ErrorValue) and self.share(items, (item,) if not isinstance(item, CpuSet) else item, other.span):
                    return True
        return False

    def change(self, value: ValueOrError | None, setting: Setting, applied: list[Setting]) -> ValueOrError:
        items = self.evaluate(setting)
        if isinstance(items, ErrorValue) or isinstance(value, ErrorValue):
            return POISON
        adding = setting.operation == "+="
        if isinstance(items, Pins) or isinstance(value, Pins):
            return self.change_pins(value, items, setting)
        if isinstance(items, CpuSet) and (value is None or isinstance(value, CpuSet)):
            have = value or CpuSet()
            if adding:
                return have | items
            absent = next((c for n in items - have if not self.removed_beside(c := CpuSet.of([n]), setting, applied)), None)
            return have - items if absent is None else self.absent(setting, str(items - have))
        if not isinstance(items, tuple) or not (value is None or isinstance(value, tuple)):
            what = describe(value) if value is not None else "a single value"
            return self.session.say(
                codes.WRONG_KIND, f"`{setting.operation}` changes a list or cpuset, and {self.name} is {what}", setting.span
            )
        have_items: tuple[Value, ...] = value or ()
        if adding:
            return limited(have_items + items, setting.span, self.session)
        gone = without(items, have_items, setting.span, self.session)
        missing = [i for i in gone if not self.removed_beside(i, setting, applied)]
        if missing:
            return self.absent(setting, self.shown(missing[0]))
        return without(have_items, items, setting.span, self.session)

    def change_pins(self, value: ValueOrError | None, items: Value, setting: Setting) -> ValueOrError:
        """vCPUs are put behind those that there are, or lose their places; where there was a set, in ascending order."""
        have, others = ([] if v is None else _in_order(v) for v in (value, items))
        if setting.operation == "+=":
            return Pins.each(have + others)
        missing = [item for item in others if item not in have]
        return self.absent(setting, str(missing[0])) if missing else Pins.each(item for item in have if item not in others)

    def absent(self, setting: Setting, what: str) -> ErrorValue:
        return self.session.say(codes.REMOVE_ABSENT, f"{self.name} has no {what} to remove", setting.value_span)


def _in_order(value: ValueOrError) -> list[CpuSet]:
    if isinstance(value, Pins):
        return list(value.order)
    assert isinstance(value, CpuSet)
    return [CpuSet(1 << cpu) for cpu in value]


def shown_at(path: Path, value: ValueOrError) -> str:
    """The same of a feature: of a password nothing, also where a source has it in clear text."""
    return "a password" if path[-1] == "passwd" else shown(value)


def shown(value: ValueOrError) -> str:
    """For a message: short, and never a secret."""
    if isinstance(value, (ErrorValue, Secret)):
        return "a value"
    text = show(value)
    return text if len(text) <= 60 and not isinstance(value, Block) else describe(value)

"""Evaluates the merged paths of one object in the order of their dependencies, and answers `self.…`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from vmspec.base.diagnostic import Label
from vmspec.base.provenance import SELF, Path, ValueAddress, show_path
from vmspec.base.source import Span
from vmspec.base.suggest import did_you_mean
from vmspec.evaluate import codes
from vmspec.evaluate.defaults import block_at, matching
from vmspec.evaluate.evaluated import SettledValue
from vmspec.evaluate.expression import evaluate, text_of
from vmspec.evaluate.instances.follows import follows, format_of, stands
from vmspec.evaluate.instances.parts import member, part_of
from vmspec.evaluate.merge.conflicts import decide, shown_at, taking_part
from vmspec.evaluate.merge.merged import MergedPath, Structure
from vmspec.evaluate.merge.mro import Lineage
from vmspec.evaluate.merge.statements import Layer, Setting
from vmspec.evaluate.reads import self_reads
from vmspec.evaluate.session import POISON, ErrorValue, Frame, Session, ValueOrError
from vmspec.evaluate.typed import fit, spelled
from vmspec.model.block import Attr, Block, Many, Sub, schema
from vmspec.model.kind import ListOf, Problem
from vmspec.model.value import CpuSet, Symbol, Value
from vmspec.resolve.codes import UNKNOWN_ATTRIBUTE
from vmspec.resolve.program import ObjectDef
from vmspec.syntax import tree


class EvaluatedObject(Protocol):
    """What an evaluator needs to know of the object that it settles."""

    session: Session
    definition: ObjectDef
    block: type[Block]
    frame: Frame
    many: bool
    name: str


class Evaluator:
    """Evaluates merged paths in the order of their dependencies; reads `self`."""

    def __init__(self, subject: EvaluatedObject, shape: Structure, lineage: Lineage, resolve: bool) -> None:
        self.subject = subject
        self.session = subject.session
        self.shape = shape
        self.lineage = lineage
        self.resolve = resolve
        self.stack: list[MergedPath] = []
        self.spelling: str | None = None
        self.deciding: Path = ()
        """The path that is being evaluated."""
        self.missing: frozenset[Path] = frozenset()

    def settle(self, slot: MergedPath) -> SettledValue | None:
        """Evaluate a merged path; None if it is in error."""
        if slot.state == 2:
            return slot.value
        if slot.state == 3:
            return None
        if slot.state == 1:
            self.cycle(slot)
            return None
        if slot.memo is not None:
            slot.state, slot.value = 2, slot.memo
            return slot.value
        only = slot.settings[0] if len(slot.settings) == 1 and not slot.dropped and slot.settings[0].shared and self.resolve else None
        if only is not None and only.memo is not None and only.memo[0] is slot.default:
            slot.state, slot.value = 2, only.memo[1]
            slot.memo = slot.value
            return slot.value
        slot.state = 1
        self.stack.append(slot)
        for setting in taking_part(slot) if len(slot.settings) > 1 else slot.settings:
            if setting.expr is not None:
                for access in self_reads(setting.expr):
                    self.prepare(access)
        self.spelling = None
        self.deciding = slot.path
        decided = decide(slot, self.lineage, self.session, self.value_of, self.operands)
        self.stack.pop()
        broken = slot.state == 3
        slot.state = 2
        slot.value = None
        if not isinstance(decided, ErrorValue) and not broken:
            value = self.listed(slot, decided.value)
            if not isinstance(value, ErrorValue):
                slot.value = SettledValue(value, decided.trail, decided.strength, self.spelling)
        if not slot.varies:
            slot.memo = slot.value
            if only is not None and slot.value is not None and not (only.expr is not None and self_reads(only.expr)):
                only.memo = (slot.default, slot.value)
        if self.stack:
            self.stack[-1].varies |= slot.varies
        return slot.value

    def listed(self, slot: MergedPath, value: Value) -> ValueOrError:
        """Re-validate a list after `+=`, so that set-like lists drop duplicates."""
        setting = slot.settings[-1]
        line = setting.field.line if setting.field is not None else None
        if len(slot.settings) > 1 and isinstance(line, Attr) and isinstance(line.kind, ListOf):
            read = line.kind.read(value)
            return POISON if isinstance(read, Problem) else read
        return value

    def value_of(self, setting: Setting) -> ValueOrError:
        """The value of a setting, in the form that its kind keeps."""
        span = setting.value_span
        value: ValueOrError
        if setting.constant is not None:
            value = setting.constant
        else:
            assert setting.expr is not None
            value = evaluate(setting.expr, setting.frame, self.session, self)
        if isinstance(value, ErrorValue) or setting.field is None:
            return value
        if not self.resolve:
            own = spelled(value, setting.field)
            if own is not None:
                self.spelling = str(value)
                return own
        return fit(value, setting.field, span, self.session, setting.expr, plain=not self.resolve, name=show_path(setting.path))

    @property
    def owner(self) -> str:
        """The object in an address of its own values: objects of one template may share the trail."""
        return SELF if self.subject.many else self.subject.name

    def operands(self, setting: Setting) -> tuple[ValueAddress, ...]:
        reads = self_reads(setting.expr) if setting.expr is not None else ()
        own = tuple(ValueAddress(self.owner, tuple(s.name for s in a.steps if isinstance(s, tree.Segment))) for a in reads)
        return (*own, *self.conditions(setting)) if setting.where else own

    def conditions(self, setting: Setting) -> Iterator[ValueAddress]:
        """The paths that the conditions of a wildcard read, as far as they are set."""
        for where in setting.where:
            block = self.deciding[: len(where.pattern)]
            for access in self_reads(where.expr):
                path = (*block, *(s.name for s in access.steps if isinstance(s, tree.Segment)))
                if path in self.shape.slots:
                    yield ValueAddress(self.owner, path)

    # ------------------------------------------------------------------------------------------------- self

    def locate(self, steps: Path) -> tuple[MergedPath | None, Path, list[MergedPath]]:
        """The merged path that holds `steps`, with the steps that remain inside its value; or all merged paths below it."""
        slots = self.shape.slots
        for size in range(len(steps), 0, -1):
            found = slots.get(steps[:size])
            if found is not None:
                return found, steps[size:], []
        # A dotted key of an open map is one step.
        for size in range(1, len(steps)):
            found = slots.get((*steps[:size], ".".join(steps[size:])))
            if found is not None:
                return found, (), []
        below = [s for p, s in slots.items() if p[: len(steps)] == steps]
        return None, (), below

    def expand(self, steps: Path) -> Path:
        """The full path, with implied labels and main features inserted."""
        cls: type[Block] | None = self.subject.block
        out: list[str] = []
        rest = list(steps)
        while rest and cls is not None:
            name = rest.pop(0)
            out.append(name)
            found = schema(cls).by_name.get(name)
            if found is None or not found.types or isinstance(found.line, Attr):
                return (*out, *rest)
            if isinstance(found.line, Sub):
                cls = found.types[0]
            elif isinstance(found.line, Many) and found.line.implied and (not rest or rest[0] in schema(found.types[0]).by_name):
                out.append(found.line.implied)
                cls = found.types[0]
            elif rest:
                out.append(rest.pop(0))
                cls = found.types[0]
            else:
                return tuple(out)
        if cls is not None and cls.main and (*out, cls.main.replace("_", "-")) in self.shape.slots:
            out.append(cls.main.replace("_", "-"))
        return (*out, *rest)

    def prepare(self, access: tree.Access) -> None:
        """Evaluate what an access reads, even in a branch that is not taken: the dependency graph is static."""
        if not all(isinstance(s, tree.Segment) for s in access.steps):
            return
        full = self.expand(tuple(s.name for s in access.steps if isinstance(s, tree.Segment)))
        slot, _, below = self.locate(full)
        for found in [*([slot] if slot is not None else below), *self.others(full)]:
            self.settle(found)
            self.stack[-1].varies |= found.varies

    def read(self, steps: tuple[str, ...], access: tree.Access) -> ValueOrError:
        if steps == ("name",):
            if self.stack:
                self.stack[-1].varies |= self.subject.many
            return self.subject.name
        full = self.expand(steps)
        slot, rest, below = self.locate(full)
        others = self.others(full)
        if others:
            return self.together([*([slot] if slot is not None else []), *others])
        if slot is None or (not slot.settings and not rest):
            found = self.following(full)
            if found is not None:
                return found
            if slot is not None and not stands(full, self.known):
                return self.nothing(full, access)
        if slot is not None:
            value = self.taken(slot)
            if rest == ("format",) and isinstance(value, Block) and vars(value).get("format") is None and self.resolve:
                found = format_of(value)
                value, rest = (found, ()) if found is not None else (value, rest)
            for step in rest:
                if not isinstance(value, ErrorValue):
                    value = member(value, step, access.span, self.session)
            return value
        if not below:
            return POISON if any(full[: len(gone)] == gone for gone in self.missing) else self.nothing(full, access)
        return self.map(full, below)

    def taken(self, slot: MergedPath) -> ValueOrError:
        """A merged path's value; the path that reads it varies between objects if this one does."""
        settled = self.settle(slot)
        if self.stack:
            self.stack[-1].varies |= slot.varies
        return settled.value if settled is not None else POISON

    def following(self, path: Path) -> Value | None:
        """The value that the build will derive at a path that nothing sets: the bus of a CD-ROM, a target equal to the label."""
        return follows(path, self.known) if self.resolve else None

    def known(self, path: Path) -> Value | None:
        slot, rest, _ = self.locate(path)
        if slot is None or rest or not slot.settings:
            found = self.following(path)
            if found is not None or slot is None or rest:
                return found
        value = self.taken(slot)
        return None if isinstance(value, ErrorValue) else Symbol(type(value).tag) if isinstance(value, Block) else value

    def others(self, path: Path) -> list[MergedPath]:
        """Merged paths that set the same thing elsewhere (`vcpu N { pin }` for `cpu.pin`); none while one of them is being evaluated."""
        found = matching(self.subject.block, path, self.shape.slots)
        return [] if not found or any(slot in self.stack for slot in found) else found

    def together(self, slots: list[MergedPath]) -> ValueOrError:
        """The union of cpusets that are set in several places."""
        bits = 0
        for slot in slots:
            settled = self.settle(slot)
            if self.stack:
                self.stack[-1].varies |= slot.varies
            if settled is None:
                return POISON
            assert isinstance(settled.value, CpuSet)
            bits |= settled.value.bits
        return CpuSet(bits)

    def map(self, prefix: Path, below: list[MergedPath]) -> ValueOrError:
        """A block as a map of its values."""
        result: dict[str, Value] = {}
        for slot in below:
            settled = self.settle(slot)
            if self.stack:
                self.stack[-1].varies |= slot.varies
            if settled is None:
                return POISON
            at: dict[str, Value] = result
            for step in slot.path[len(prefix) : -1]:
                inner = at.setdefault(step, {})
                if not isinstance(inner, dict):
                    break
                at = inner
            if slot.settings or stands(slot.path, self.known):
                at[slot.path[-1]] = (self.following(slot.path) if not slot.settings else None) or settled.value
        return result

    def has(self, steps: tuple[str, ...]) -> bool:
        full = self.expand(steps)
        slot, rest, below = self.locate(full)
        if slot is not None and not slot.settings and not stands(full, self.known):
            return False
        if slot is not None:
            settled = self.settle(slot)
            value: Value | None = settled.value if settled is not None else None
            for step in rest:
                value = part_of(value, step) if value is not None else None
            return value is not None or (settled is None and not rest)
        if self.following(full) is not None:
            return True
        return full == ("name",) or bool(below) or any(p[: len(full)] == full for p in self.shape.blocks) or bool(self.others(full))

    def nothing(self, steps: Path, access: tree.Access) -> ValueOrError:
        cls = block_at(self.subject.block, steps[:-1])
        line = schema(cls).by_name.get(steps[-1]) if cls is not None and steps else None
        if any(p[: len(steps)] == steps for p in self.shape.blocks):
            return {}
        if cls is not None and line is None and steps:
            help_ = did_you_mean(steps[-1], schema(cls).by_name)
            return self.session.say(
                UNKNOWN_ATTRIBUTE,
                f"{'.'.join(steps[:-1]) or 'a ' + self.subject.definition.kind} has no {steps[-1]}",
                access.span,
                help=help_,
            )
        return self.session.say(
            codes.NO_VALUE, f"{show_path(steps)} has no value", access.span, help=f"`has(self.{'.'.join(steps)})` asks whether it has"
        )

    def cycle(self, slot: MergedPath) -> None:
        chain = self.stack[self.stack.index(slot) :]
        for member_ in chain:
            member_.state = 3
        spans: list[tuple[Path, Span]] = [(s.path, next(t.value_span for t in s.settings if t.expr is not None)) for s in chain]
        start = min(range(len(spans)), key=lambda i: spans[i][1].start)
        spans = spans[start:] + spans[:start]
        text = " → ".join([show_path(p) for p, _ in spans] + [show_path(spans[0][0])])
        labels = tuple(Label(span, f"{show_path(p)} is read here on the way") for p, span in spans[1:])
        self.session.say(codes.CYCLE, f"values are defined by each other: {text}", spans[0][1], labels=labels)

    # ------------------------------------------------------------------------------------------- assertions

    def check(self, node: tree.Assert, frame: Frame, layer: Layer) -> None:
        value = evaluate(node.condition, frame, self.session, self)
        if isinstance(value, ErrorValue) or value is True:
            return
        if not isinstance(value, bool):
            self.session.say(codes.BAD_OPERAND, "`assert` takes a boolean", node.condition.span)
            return
        message = text_of(node.message, frame, self.session, self) if node.message is not None else node.condition.span.line
        said = message if isinstance(message, str) else "the assertion is false"
        labels, notes = self.evidence(node.condition)
        self.session.say(
            codes.ASSERTION,
            f"{self.subject.name}: {said}".replace("\n", " "),
            node.condition.span,
            labels=labels,
            notes=(*notes, f"asserted by {layer.origin}"),
            subject=self.subject.name,
            about=self.subject.name,
        )

    def evidence(self, condition: tree.Expr) -> tuple[tuple[Label, ...], tuple[str, ...]]:
        """Labels and notes with the value and origin of every operand of a condition."""
        labels: list[Label] = []
        notes: list[str] = []
        for access in {a.span.line: a for a in self_reads(condition)}.values():
            written = tuple(s.name for s in access.steps if isinstance(s, tree.Segment))
            if len(written) == len(access.steps) and written != ("name",) and not self.has(written):
                notes.append(f"{access.span.line} is not set")
                continue
            value = evaluate(access, self.subject.frame, self.session, self)
            steps = self.expand(written)
            slot, _, _ = self.locate(steps)
            step = slot.value.trail[-1] if slot is not None and slot.value is not None else None
            origin = step.origin if step is not None else self.subject.definition.kind
            text = f"{access.span.line} is {shown_at(steps, value)}, from {origin}"
            if step is not None and step.span is not None:
                labels.append(Label(step.span, text))
            else:
                notes.append(text)
        return tuple(labels), tuple(notes)

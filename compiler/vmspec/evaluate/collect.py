"""Walks a body along the model: statements become settings of typed paths; `when` and `for` are decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.diagnostic import Edit, Fix
from vmspec.base.provenance import Path
from vmspec.base.record import record
from vmspec.base.source import Span
from vmspec.base.suggest import nearest
from vmspec.evaluate import codes
from vmspec.evaluate.expression import evaluate, text_of
from vmspec.evaluate.operators import describe
from vmspec.evaluate.reads import reads_host
from vmspec.evaluate.session import MAX_LIST, POISON, Binding, Frame, Poison, Session
from vmspec.evaluate.setting import RAW, Assertion, Collected, Layer, Opening, Operation, Requirement, Setting
from vmspec.model.block import Attr, Block, Field, Many, OpenMap, Sub, schema
from vmspec.model.value import CpuSet, Symbol, Value
from vmspec.resolve import codes as names
from vmspec.resolve.program import OBJECT_KINDS
from vmspec.syntax import tree


@record(frozen=True, slots=True)
class Spot:
    """A place in the model: a block (`block` set), a repeatable block that waits for its label, an open map, or a value."""

    path: Path
    block: type[Block] | None = None
    field: Field | None = None
    wildcard: bool = False
    opened: tuple[Path, ...] = ()
    """The labelled blocks on the way here: a setting inside of one brings it into being."""

    @property
    def waits(self) -> bool:
        return self.block is None and self.field is not None and isinstance(self.field.line, Many)

    @property
    def is_map(self) -> bool:
        return self.field is not None and isinstance(self.field.line, OpenMap)


@record(frozen=True, slots=True)
class Mode:
    """What surrounds a statement."""

    layer: Layer
    final: bool = False
    host_guard: Span | None = None
    """The condition of an enclosing `when` that reads `$host`."""
    policy: bool = False
    host_unknown: bool = False
    """`$host` is not known yet: what reads it in a condition is left out."""


class Collector:
    """Collects the bodies of one object into `into`."""

    def __init__(self, session: Session, root: type[Block], into: Collected, dry: bool = False) -> None:
        self.session = session
        self.dry = dry
        self.root = Spot((), root)
        self.into = into
        self.seen: set[tuple[Path, int]] = set()
        self.saw_host = False

    def body(self, body: tree.Body, frame: Frame, mode: Mode) -> None:
        self.statements(body.statements, [self.root], frame, mode)

    # ------------------------------------------------------------------------------------------- statements

    def statements(self, statements: tuple[tree.Statement, ...], spots: list[Spot], frame: Frame, mode: Mode) -> None:
        lets = [s for s in statements if isinstance(s, tree.Let)]
        if lets:
            frame = self.scope(frame, lets)
        for statement in statements:
            self.statement(statement, spots, frame, mode)

    def scope(self, outer: Frame, lets: list[tree.Let]) -> Frame:
        frame = Frame(outer.unit, outer)
        for let in lets:
            if let.name.name in frame.bindings:
                self.session.say(names.NAME_CLASH, f"${let.name.name} is declared twice", let.name.span)
            frame.bindings.setdefault(let.name.name, Binding(let.name.span, expr=let.value, frame=frame))
        self.into.frames.append(frame)
        return frame

    def statement(self, node: tree.Statement, spots: list[Spot], frame: Frame, mode: Mode) -> None:
        match node:
            case tree.Set():
                self.set(node, spots, frame, mode)
            case tree.Block():
                self.block(node, spots, frame, mode)
            case tree.When():
                self.when(node, spots, frame, mode)
            case tree.For():
                self.for_(node, spots, frame, mode)
            case tree.Unset():
                for spot in self.named(node.path, node.label, spots, frame):
                    self.add(spot, "unset", node.span, frame, mode)
            case tree.Lock():
                self.lock(node, spots, frame, mode)
            case tree.Require():
                for spot in self.named(node.path, node.label, spots, frame):
                    self.into.requirements.append(Requirement(spot.path, node.message, frame, mode.layer, node.span))
            case tree.Assert():
                self.into.assertions.append(Assertion(node, frame, mode.layer))
            case tree.Let() | tree.Each():
                # Lets are in the frame already; each is read by the template, and anywhere else the parser's place for it is wrong.
                if isinstance(node, tree.Each) and (spots[0].path or mode.layer.origin.partition(" ")[0] not in OBJECT_KINDS):
                    self.session.say(
                        names.MISPLACED, "`each` stands directly in a vm or host", node.span, help="inside a body, `for` repeats blocks"
                    )
            case tree.Import() | tree.Param() | tree.Profile():
                word = type(node).__name__.lower()
                self.session.say(names.MISPLACED, f"`{word}` stands at the top of a file only", node.span)

    def lock(self, node: tree.Lock, spots: list[Spot], frame: Frame, mode: Mode) -> None:
        if not mode.policy:
            self.session.say(
                codes.LOCK_NOT_HERE,
                "`final` without a value belongs in a policy",
                node.span,
                help="in a profile, `final path = value` locks a value",
            )
            return
        for spot in self.named(node.path, node.label, spots, frame):
            self.add(spot, "lock", node.span, frame, mode)

    def when(self, node: tree.When, spots: list[Spot], frame: Frame, mode: Mode) -> None:
        host = reads_host(node.condition, frame)
        self.saw_host |= host
        if host and mode.host_unknown:
            self.guarded(node)
            return
        self.into.structural.append((node.condition, frame))
        inner = Mode(mode.layer, mode.final, node.condition.span, mode.policy, mode.host_unknown) if host else mode
        unplaced = host and frame.find("host") is None
        condition = False if unplaced else evaluate(node.condition, frame, self.session)
        if isinstance(condition, Poison):
            self.into.failed = True
            if self.dry:
                self.both(node, spots, frame, inner)
        elif not isinstance(condition, bool):
            self.session.say(codes.BAD_OPERAND, f"`when` takes a boolean, and this is {describe(condition)}", node.condition.span)
            self.into.failed = True
        elif condition:
            self.statements(node.body.statements, spots, frame, inner)
        elif isinstance(node.otherwise, tree.When):
            self.when(node.otherwise, spots, frame, inner)
        elif node.otherwise is not None:
            self.statements(node.otherwise.statements, spots, frame, inner)

    def guarded(self, node: tree.When) -> None:
        """What selects the host cannot depend on the host."""
        bodies = [node.body, *([node.otherwise] if isinstance(node.otherwise, tree.Body) else [])]
        for statement in (s for b in bodies for s in b.statements):
            first = statement.path.segments[0].name if isinstance(statement, (tree.Set, tree.Block, tree.Unset)) else ""
            if first in ("place", "tags"):
                self.session.say(codes.GUARDED, f"a `when` that reads $host cannot guard {first}", statement.span)
        if isinstance(node.otherwise, tree.When):
            self.guarded(node.otherwise)

    def both(self, node: tree.When, spots: list[Spot], frame: Frame, mode: Mode) -> None:
        """Without the value of the condition, for a profile that nobody uses: every branch."""
        self.statements(node.body.statements, spots, frame, mode)
        if isinstance(node.otherwise, tree.When):
            self.when(node.otherwise, spots, frame, mode)
        elif node.otherwise is not None:
            self.statements(node.otherwise.statements, spots, frame, mode)

    def for_(self, node: tree.For, spots: list[Spot], frame: Frame, mode: Mode) -> None:
        self.into.structural.append((node.source, frame))
        value = evaluate(node.source, frame, self.session)
        if isinstance(value, Poison):
            self.into.failed = True
            if self.dry:
                inner = Frame(frame.unit, frame, {n.name: Binding(n.span, value=POISON) for n in node.names})
                self.statements(node.body.statements, spots, inner, mode)
            return
        items = iterate(value, node.names, node.source.span, self.session)
        if items is None:
            self.into.failed = True
            return
        for bindings in items:
            inner = Frame(frame.unit, frame)
            for name in node.names:
                inner.bindings[name.name] = Binding(name.span, value=bindings[name.name])
            self.statements(node.body.statements, spots, inner, mode)

    # --------------------------------------------------------------------------------------------- settings

    def block(self, node: tree.Block, spots: list[Spot], frame: Frame, mode: Mode) -> None:
        if node.parents:
            self.session.say(names.MISPLACED, "only a vm, host or profile extends profiles", node.parents[0].span)
        first = node.path.segments[0].name
        if first in OBJECT_KINDS and not spots[0].path and spots[0].block is not None and first not in schema(spots[0].block).by_name:
            self.session.say(names.MISPLACED, f"a {first} stands at the top of a file", node.path.span)
            return
        found = list(self.named(node.path, node.label, spots, frame))
        if not found:
            self.into.failed = True
            return
        inner = Mode(mode.layer, mode.final or node.final, mode.host_guard, mode.policy, mode.host_unknown)
        head = node.path.span if node.label is None else node.path.span.to(node.label.span)
        for spot in found:
            if spot.block is None and not spot.is_map:
                self.not_a_block(spot, node)
                return
            if node.replace:
                self.add(spot, "replace", node.span._replace(end=head.end), frame, inner)
            if spot.block is not None:
                self.open(spot, mode, head)
        self.statements(node.body.statements, found, frame, inner)

    def not_a_block(self, spot: Spot, node: tree.Block) -> None:
        self.session.say(
            codes.WRONG_KIND, f"{'.'.join(spot.path)} is a value, not a block", node.path.span, help=f"write `{spot.path[-1]} = …`"
        )

    def set(self, node: tree.Set, spots: list[Spot], frame: Frame, mode: Mode) -> None:
        if node.replace:
            return  # The parser has said it.
        if node.final:
            mode = Mode(mode.layer, True, mode.host_guard, mode.policy, mode.host_unknown)
        for spot in self.named(node.path, None, spots, frame, value=True):
            self.assign(spot, node.operator, node.value, node.span, frame, mode)

    def assign(self, spot: Spot, operation: Operation, value: tree.Expr, span: Span, frame: Frame, mode: Mode) -> None:
        is_entry = spot.is_map and self.is_entry(spot)
        if spot.block is None and (not spot.is_map or is_entry or (spot.field is RAW and not isinstance(value, tree.MapOf))):
            self.add(spot, operation, span, frame, mode, value)
        elif isinstance(value, tree.MapOf) and operation in ("=", "?="):
            for entry in value.entries:
                for inner in self.walk(spot, entry.path, frame):
                    self.assign(inner, operation, entry.value, entry.span, frame, mode)
            if spot.block is not None:
                self.open(spot, mode, span)
        else:
            self.sugar(spot, operation, value, span, frame, mode)

    def is_entry(self, spot: Spot) -> bool:
        """Whether a spot in an open map has its key already: maps know their own name as the last step."""
        return spot.field is not None and (
            not spot.path or spot.path[-1] != spot.field.name or (len(spot.path) > 1 and spot.path[-2] == spot.field.name)
        )

    def sugar(self, spot: Spot, operation: Operation, value: tree.Expr, span: Span, frame: Frame, mode: Mode) -> None:
        """A value for a block sets its main feature; a list for a block of flags or an open map sets each of its items."""
        main = schema(spot.block).by_name.get(spot.block.main.replace("_", "-")) if spot.block is not None and spot.block.main else None
        if main is not None and operation in ("=", "?="):
            self.open(spot, mode, span)
            self.add(Spot((*spot.path, main.name), None, main, spot.wildcard, spot.opened), operation, span, frame, mode, value)
            return
        self.into.structural.append((value, frame))
        known = evaluate(value, frame, self.session)
        if isinstance(known, Poison):
            self.into.failed = True
            return
        if isinstance(known, Mapping) and operation in ("=", "?="):
            for key, item in known.items():
                self.constant(spot, key, item, operation, span, value, frame, mode)
            return
        items = known if isinstance(known, tuple) else (known,)
        takes_list = (
            spot.is_map
            and isinstance(spot.field and spot.field.line, OpenMap)
            and getattr(spot.field and spot.field.line, "item", None) is not None
        )
        takes_list = takes_list or (spot.block is not None and all(isinstance(i, str) and self.flag(spot, str(i)) for i in items))
        if not takes_list:
            what = "an open map" if spot.is_map else "a block"
            unknown = next(
                (str(i) for i in items if isinstance(i, str) and spot.block is not None and str(i) not in schema(spot.block).by_name), None
            )
            hint = nearest(unknown, schema(spot.block).by_name) if unknown and spot.block is not None else None
            self.session.say(
                codes.WRONG_KIND,
                f"{'.'.join(spot.path)} is {what}, and this is {describe(known)}",
                value.span,
                help=f"did you mean `{hint}`?" if hint else f"write `{spot.path[-1]} {{ … }}`",
            )
            self.into.failed = True
            return
        for item in items:
            if spot.is_map:
                line = spot.field.line if spot.field else None
                assert isinstance(line, OpenMap)
                self.constant(spot, str(item), line.item, operation, span, value, frame, mode)
            else:
                self.constant(spot, str(item), True, operation, span, value, frame, mode)

    def flag(self, spot: Spot, name: str) -> Field | None:
        """The boolean feature of a block of that name; of a sub-block, its main one."""
        assert spot.block is not None
        found = schema(spot.block).by_name.get(name)
        if found is not None and isinstance(found.line, Sub) and found.types[0].main:
            inner: Field = schema(found.types[0]).by_name[found.types[0].main.replace("_", "-")]
            return inner
        return found if found is not None and isinstance(found.line, Attr) else None

    def constant(
        self, spot: Spot, key: str, item: Value | None, operation: Operation, span: Span, value: tree.Expr, frame: Frame, mode: Mode
    ) -> None:
        inner = self.step(spot, key, value.span)
        if inner is None:
            self.into.failed = True
            return
        if inner.block is not None:
            if isinstance(item, Mapping):
                for k, v in item.items():
                    self.constant(inner, k, v, operation, span, value, frame, mode)
                return
            main = inner.block.main.replace("_", "-")
            self.open(inner, mode, span)
            inner = Spot((*inner.path, main), None, schema(inner.block).by_name[main], inner.wildcard, inner.opened)
        op: Operation = "unset" if operation == "-=" else "=" if operation == "+=" else operation
        self.add(inner, op, span, frame, mode, None if op == "unset" else value, item)

    def add(
        self,
        spot: Spot,
        operation: Operation,
        span: Span,
        frame: Frame,
        mode: Mode,
        expr: tree.Expr | None = None,
        constant: Value | None = None,
    ) -> None:
        if mode.host_guard is not None and spot.path[:1] in (("place",), ("tags",)):
            self.session.say(codes.GUARDED, f"a `when` that reads $host cannot guard {spot.path[0]}", span)
            return
        if spot.wildcard and operation in ("unset", "replace"):
            self.session.say(codes.WILDCARD, f"a wildcard cannot {'remove' if operation == 'unset' else 'replace'} blocks", span)
            return
        if spot.waits:
            self.session.say(names.LABEL, f"{'.'.join(spot.path)} needs a label", span)
            return
        if operation in ("=", "?=", "+="):
            self.open(spot, mode, span)
        self.into.settings.append(
            Setting(spot.path, operation, mode.final, spot.field, mode.layer, span, frame, expr, constant, spot.wildcard)
        )

    def open(self, spot: Spot, mode: Mode, span: Span) -> None:
        """Notes that the labelled blocks on the way to a spot exist, and the spot itself where it is a block; once a layer."""
        for path in spot.opened if spot.block is None else (*spot.opened, spot.path):
            if (path, mode.layer.rank) not in self.seen:
                self.seen.add((path, mode.layer.rank))
                self.into.openings.append(Opening(path, mode.layer, span, spot.wildcard))

    # ------------------------------------------------------------------------------------------------ paths

    def named(self, path: tree.Path, label: tree.Segment | None, spots: list[Spot], frame: Frame, value: bool = False) -> Iterator[Spot]:
        """Every spot that a path and an optional label mean, from each of the enclosing ones."""
        for spot in spots:
            for found in self.walk(spot, path, frame):
                if label is not None:
                    if not found.waits:
                        self.unlabelled(found, label)
                        return
                    yield from self.label(found, label, frame)
                elif found.waits:
                    implied = self.implied(found, path.span)
                    if implied is not None:
                        yield implied
                else:
                    yield found

    def unlabelled(self, spot: Spot, label: tree.Segment) -> None:
        name = ".".join(spot.path)
        self.into.failed = True
        what = "is a value" if spot.block is None and not spot.is_map else "stands once"
        self.session.say(names.LABEL, f"{name} {what} and takes no label", label.span)

    def implied(self, spot: Spot, at: Span) -> Spot | None:
        assert spot.field is not None and isinstance(spot.field.line, Many)
        if spot.field.line.implied:
            return labelled(spot, spot.field.line.implied)
        self.into.failed = True
        self.session.say(names.LABEL, f"{spot.field.name} needs a label", at, help=f"write `{spot.field.name} NAME {{ … }}`")
        return None

    def walk(self, spot: Spot, path: tree.Path, frame: Frame) -> Iterator[Spot]:
        """Follows a path; a range as the label of a numbered block forks it."""
        current = [spot]
        for segment in path.segments:
            following: list[Spot] = []
            for at in current:
                if at.waits:
                    following += self.label(at, segment, frame)
                    continue
                name = self.text(segment, frame)
                if name is None:
                    return
                step = self.step(at, name, segment.span)
                if step is None:
                    self.into.failed = True
                    return
                following.append(step)
            current = following
        yield from current

    def text(self, segment: tree.Segment, frame: Frame) -> str | None:
        if segment.text is None:
            return segment.name
        if segment.text.constant is None:
            self.into.structural.append((segment.text, frame))
        text = text_of(segment.text, frame, self.session)
        if isinstance(text, Poison):
            self.into.failed = True
            return None
        return text

    def label(self, spot: Spot, segment: tree.Segment, frame: Frame) -> Iterator[Spot]:
        assert spot.field is not None and isinstance(spot.field.line, Many)
        text = self.text(segment, frame)
        if text is None:
            return
        block = spot.field.types[0]
        if segment.text is None and spot.field.line.implied and text in schema(block).by_name:
            inner = self.step(labelled(spot, spot.field.line.implied), text, segment.span)
            if inner is not None:
                yield inner
            return
        if text == "*" and segment.text is not None:
            yield labelled(spot, "*", wildcard=True)
            return
        if spot.field.line.numbered:
            for number in self.numbers(spot, text, segment):
                yield labelled(spot, number)
            return
        wrong = bad_label(text)
        if wrong:
            self.into.failed = True
            code = codes.WILDCARD if "*" in text else names.LABEL
            self.session.say(code, f"the label {text!r} {wrong}", segment.span)
            return
        yield labelled(spot, text)

    def numbers(self, spot: Spot, text: str, segment: tree.Segment) -> Iterator[str]:
        first, dash, last = text.partition("-")
        if (
            not (first.isdigit() and first.isascii() and (not dash or (last.isdigit() and last.isascii())))
            or max(len(first), len(last)) > 6
        ):
            self.into.failed = True
            self.session.say(
                names.LABEL, f"{'.'.join(spot.path)} is labelled by a number or a range of them, and {text!r} is neither", segment.span
            )
            return
        low, high = int(first), int(last or first)
        if high < low:
            self.into.failed = True
            fix = Fix("swap the ends", (Edit(segment.span, f"{high}-{low}"),))
            self.session.say(codes.BAD_CPUSET, f"the range {text} is descending", segment.span, fix=fix)
            return
        if high - low > MAX_LIST:
            self.session.exhausted(f"{high - low:,} blocks from one label", segment.span)
        yield from map(str, range(low, high + 1))

    def step(self, spot: Spot, name: str, at: Span) -> Spot | None:
        """The spot one name further; None after a diagnostic."""
        if spot.is_map:
            assert spot.field is not None
            return self.key(spot, name, at)
        if spot.block is None:
            self.session.say(names.UNKNOWN_ATTRIBUTE, f"{'.'.join(spot.path)} is a value and has no {name}", at)
            return None
        found = RAW if name == "xml" else schema(spot.block).by_name.get(name)
        if found is None:
            self.unknown(spot, name, at)
            return None
        path = (*spot.path, name)
        if isinstance(found.line, Sub):
            return Spot(path, found.types[0], None, spot.wildcard, spot.opened)
        return Spot(path, None, found, spot.wildcard, spot.opened)

    def key(self, spot: Spot, name: str, at: Span) -> Spot | None:
        """The whole dotted rest is the key of an open map."""
        if not name or any(ord(c) < 32 for c in name):
            self.session.say(names.LABEL, "a key of a map is a non-empty line of text", at)
            return None
        if self.is_entry(spot):
            return Spot((*spot.path[:-1], f"{spot.path[-1]}.{name}"), None, spot.field, spot.wildcard, spot.opened)
        return Spot((*spot.path, name), None, spot.field, spot.wildcard, spot.opened)

    def unknown(self, spot: Spot, name: str, at: Span) -> None:
        assert spot.block is not None
        known = (*schema(spot.block).by_name, "xml")
        where = ".".join(spot.path) or "a " + spot.block.__name__.lower().replace("domain", "vm")
        hint = nearest(name, known)
        inner = next(
            (f"{f.name}.{name}" for f in schema(spot.block) if isinstance(f.line, Sub) and name in schema(f.types[0]).by_name), None
        )
        fix = Fix(f"write {hint}", (Edit(at, hint),)) if hint and at.text == name else None
        help_ = f"did you mean `{hint}`?" if hint else f"did you mean `{inner}`?" if inner else None
        self.session.say(names.UNKNOWN_ATTRIBUTE, f"{where} has no {name}", at, help=help_, fix=fix)


def labelled(spot: Spot, label: str, wildcard: bool = False) -> Spot:
    """The block of that label, from a spot that waits for one."""
    assert spot.field is not None
    path = (*spot.path, label)
    return Spot(path, spot.field.types[0], None, spot.wildcard or wildcard, (*spot.opened, path))


def bad_label(text: str) -> str | None:
    if not text:
        return "is empty"
    if "*" in text:
        return "has a `*`: the only wildcard is a lone `*`"
    if len(text) > 200:
        return "is longer than 200 characters"
    return "has a control character" if any(ord(c) < 32 or ord(c) == 127 for c in text) else None


def iterate(value: Value, variables: tuple[tree.Segment, ...], at: Span, session: Session) -> list[dict[str, Value]] | None:
    """The bindings of a loop: of a list, the item (with two variables: index from 0, item); of a map, the value (key, value)."""
    pairs: list[tuple[Value, Value]]
    match value:
        case tuple():
            pairs = list(enumerate(value))
        case CpuSet():
            pairs = list(enumerate(value))
        case Mapping():
            pairs = [(Symbol(k), v) for k, v in value.items()]
        case _:
            session.say(codes.NOT_FINITE, f"{describe(value)} is no list, map or cpuset", at)
            return None
    if len(pairs) > MAX_LIST:
        session.exhausted(f"a loop over {len(pairs):,} items", at)
    if len(variables) == 1:
        return [{variables[0].name: item} for _, item in pairs]
    return [{variables[0].name: key, variables[1].name: item} for key, item in pairs]

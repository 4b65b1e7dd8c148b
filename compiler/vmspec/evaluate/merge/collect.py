"""Collects the statements of a body as settings of typed paths; decides `when` and expands `for`."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.base.article import with_article
from vmspec.base.provenance import show_path
from vmspec.base.record import replace
from vmspec.base.source import Span
from vmspec.evaluate import codes
from vmspec.evaluate.defaults import block_at
from vmspec.evaluate.expression import evaluate
from vmspec.evaluate.hints import for_element, where_a_block_stands
from vmspec.evaluate.loops import iterate, without_misplaced
from vmspec.evaluate.merge.branches import Branch, Mode, guards_choice, unknown
from vmspec.evaluate.merge.path_resolver import ResolvedPath, Walker
from vmspec.evaluate.merge.statements import (
    RAW,
    Assertion,
    BlockDeclaration,
    Collected,
    Operation,
    Requirement,
    Setting,
    WildcardCondition,
)
from vmspec.evaluate.merge.where import condition
from vmspec.evaluate.operators import describe
from vmspec.evaluate.reads import reads_arch, reads_host
from vmspec.evaluate.session import POISON, Binding, ErrorValue, Frame, Session
from vmspec.evaluate.variants import choice, is_source
from vmspec.model.block import Attr, Block, Choice, Field, OpenMap, Sub, schema
from vmspec.model.value import Value
from vmspec.resolve import codes as names
from vmspec.resolve.program import OBJECT_KINDS
from vmspec.syntax import tree
from vmspec.syntax.opened import opened


class Collector(Walker):
    """Collects the bodies of one object into `into`."""

    def __init__(self, session: Session, root: type[Block], into: Collected, dry: bool = False) -> None:
        super().__init__(session, root, into)
        self.dry = dry
        self.root = ResolvedPath((), root)
        self.seen: set[tuple[object, ...]] = set()
        self.saw_host = False
        self.saw_arch = False

    def body(self, body: tree.Body, frame: Frame, mode: Mode) -> None:
        makes_objects = mode.layer.origin.partition(" ")[0] in OBJECT_KINDS
        self.in_scope(body.statements, [self.root], without_misplaced(body.statements, frame, self.session, makes_objects), mode)

    # ------------------------------------------------------------------------------------------- statements

    def statements(self, statements: tuple[tree.Statement, ...], spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
        self.in_scope(statements, spots, without_misplaced(statements, frame, self.session), mode)

    def in_scope(self, statements: tuple[tree.Statement, ...], spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
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

    def statement(self, node: tree.Statement, spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
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
                    self.into.requirements.append(Requirement(spot.path, node.message, frame, mode.layer, node.span, spot.where))
            case tree.Assert():
                self.into.assertions.append(Assertion(node, frame, mode.layer, spots[0].where))
            case tree.Let() | tree.Each():
                pass  # Lets are in the frame already; each is read by the template.
            case tree.Import() | tree.Param() | tree.Profile():
                self.session.say(names.MISPLACED, f"`{type(node).__name__.lower()}` stands at the top of a file only", node.span)

    def lock(self, node: tree.Lock, spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
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

    def when(self, node: tree.When, spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
        host = reads_host(node.condition, frame)
        self.saw_host |= host
        if host and mode.host_unknown:
            self.guarded(node)
            return
        self.into.structural.append((node.condition, frame))
        arch = reads_arch(node.condition, frame)
        self.saw_arch |= arch
        inner = (
            replace(mode, host_guard=node.condition.span if host else mode.host_guard, arch_guard=mode.arch_guard or arch)
            if host or arch
            else mode
        )
        unplaced = host and frame.find("host") is None
        condition = False if unplaced else evaluate(node.condition, frame, self.session)
        if isinstance(condition, ErrorValue):
            self.into.failed = True
            if self.dry:
                self.both(node, spots, frame, inner)
        elif not isinstance(condition, bool):
            self.session.say(codes.BAD_OPERAND, f"`when` takes a boolean, and this is {describe(condition)}", node.condition.span)
            self.into.failed = True
        elif condition:
            self.untaken(node.otherwise, spots, frame, inner)
            self.taken(node.body, spots, frame, inner)
        else:
            self.untaken(node.body, spots, frame, inner)
            if isinstance(node.otherwise, tree.When):
                self.when(node.otherwise, spots, frame, inner)
            elif node.otherwise is not None:
                self.taken(node.otherwise, spots, frame, inner)

    def taken(self, body: tree.Body, spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
        self.session.taken.add(id(body))
        self.statements(body.statements, spots, frame, mode)

    def untaken(self, branch: tree.Body | tree.When | None, spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
        """Notes what is checked at the end, if no object takes it (`unused.py`)."""
        if isinstance(branch, tree.When):
            self.untaken(branch.body, spots, frame, mode)
            self.untaken(branch.otherwise, spots, frame, mode)
        elif branch is not None and self.dry:
            self.statements(branch.statements, spots, unknown(frame, branch.span), mode)
        elif branch is not None and not frame.unit.source.standard:
            self.session.untaken.setdefault(id(branch), Branch(branch, self.root, spots, frame, mode))

    def guarded(self, node: tree.When) -> None:
        """What selects the host cannot depend on the host."""
        bodies = [node.body, *([node.otherwise] if isinstance(node.otherwise, tree.Body) else [])]
        for statement in (s for b in bodies for s in b.statements):
            first = statement.path.segments[0].name if isinstance(statement, (tree.Set, tree.Block, tree.Unset)) else ""
            if first in ("place", "tags"):
                self.session.say(codes.GUARDED, f"a `when` that reads $host cannot guard {first}", statement.span)
        if isinstance(node.otherwise, tree.When):
            self.guarded(node.otherwise)

    def both(self, node: tree.When, spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
        """Without the value of the condition, for a profile that nobody uses: every branch."""
        self.statements(node.body.statements, spots, frame, mode)
        if isinstance(node.otherwise, tree.When):
            self.when(node.otherwise, spots, frame, mode)
        elif node.otherwise is not None:
            self.statements(node.otherwise.statements, spots, frame, mode)

    def for_(self, node: tree.For, spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
        self.into.structural.append((node.source, frame))
        value = evaluate(node.source, frame, self.session)
        if isinstance(value, ErrorValue):
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

    def block(self, node: tree.Block, spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
        if node.parents:
            self.session.say(names.MISPLACED, "only a vm, host or profile extends profiles", node.parents[0].span)
        first = node.path.segments[0].name
        if first in OBJECT_KINDS and not spots[0].path and spots[0].block is not None and first not in schema(spots[0].block).by_name:
            self.session.say(names.MISPLACED, f"{with_article(first)} stands at the top of a file", node.path.span)
            return
        if self.variant(node, spots, frame, mode):
            return
        named_in = without_misplaced(node.body.statements, frame, self.session)
        found = list(self.named(node.path, node.label, spots, named_in))
        if not found:
            self.into.failed = True
            return
        inner = replace(mode, final=mode.final or node.final)
        head = node.path.span if node.label is None else node.path.span.to(node.label.span)
        if node.where is not None:
            found = self.where(node.where, found, frame)
        if not found:
            return  # Of a block that is in error nothing inside means anything.
        for spot in found:
            if spot.block is None and not spot.is_map:
                self.not_a_block(spot, node)
                return
            if node.replace:
                self.add(spot, "replace", node.span._replace(end=head.end), frame, inner)
            if spot.block is not None:
                self.open(spot, mode, head)
        self.statements(node.body.statements, found, frame, inner)

    def where(self, node: tree.Expr, spots: list[ResolvedPath], frame: Frame) -> list[ResolvedPath]:
        """The spots with the condition of their wildcard; none after a diagnostic."""
        self.into.structural.append((node, frame))
        made: list[ResolvedPath] = []
        for spot in spots:
            if spot.block is None or spot.path[-1:] != ("*",):
                self.session.say(
                    codes.WHERE,
                    f"`where` says which blocks a wildcard fills, and {show_path(spot.path)} is none",
                    node.span,
                    help=f'write `{".".join(spot.path[:-1])} "*" where … {{ }}`' if spot.block is not None and spot.opened else None,
                )
                self.into.failed = True
                return []
            expr = condition(node, spot.block, frame, self.session)
            if expr is None:
                self.into.failed = True
                return []
            made.append(
                ResolvedPath(
                    spot.path, spot.block, None, True, spot.opened, (*spot.where, WildcardCondition(spot.path, expr, frame, node.span))
                )
            )
        return made

    def variant(self, node: tree.Block, spots: list[ResolvedPath], frame: Frame, mode: Mode) -> bool:
        """`source file { path = … }` is `source = file(path = …)`; False where a block is no such thing."""
        line = choice(node.path, spots[0])
        if line is None or node.label is None:
            return False
        value, found = opened(tree.Ref(node.label.span, (node.label,)), node.body)
        for each in found:
            self.session.say(each.code, each.message, each.primary or node.span)
        inner = Mode(mode.layer, mode.final or node.final, mode.host_guard, mode.policy, mode.host_unknown)
        for spot in (s for each in spots for s in self.walk(each, node.path, frame)):
            self.assign(spot, "=", value, node.span, frame, inner)
        return True

    def not_a_block(self, spot: ResolvedPath, node: tree.Block) -> None:
        owner = block_at(self.root.block, spot.path[:-1]) if self.root.block is not None else None
        inner = tuple(s.path.segments[0].name for s in node.body.statements if isinstance(s, (tree.Set, tree.Block)))
        help_ = (for_element(owner, spot.path[-1], inner) if owner is not None else "") or f"write `{spot.path[-1]} = …`"
        if spot.field is not None and isinstance(spot.field.line, Choice):
            tag = next((t.tag for t in spot.field.types if t.positional), spot.field.types[0].tag)
            help_ = f"say which it is: `{spot.path[-1]} = {tag}(…) {{ … }}`, or `{spot.path[-1]} {tag} {{ … }}`"
        self.into.failed = True
        self.session.say(codes.WRONG_KIND, f"{'.'.join(spot.path)} is a value, not a block", node.path.span, help=help_)

    def set(self, node: tree.Set, spots: list[ResolvedPath], frame: Frame, mode: Mode) -> None:
        if node.replace:
            return  # The parser has said it.
        if node.final:
            mode = replace(mode, final=True)
        for spot in self.named(node.path, None, spots, frame, value=True):
            self.assign(spot, node.operator, node.value, node.span, frame, mode)

    def assign(self, spot: ResolvedPath, operation: Operation, value: tree.Expr, span: Span, frame: Frame, mode: Mode) -> None:
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

    def sugar(self, spot: ResolvedPath, operation: Operation, value: tree.Expr, span: Span, frame: Frame, mode: Mode) -> None:
        """A value for a block sets its main feature; a list for a block of flags or an open map sets each of its items."""
        if isinstance(value, tree.Call) and is_source(spot, value, self.session):
            self.into.failed = True
            return
        main = schema(spot.block).by_name.get(spot.block.main.replace("_", "-")) if spot.block is not None and spot.block.main else None
        if main is not None and operation in ("=", "?="):
            self.open(spot, mode, span)
            self.add(spot.at((*spot.path, main.name), None, main), operation, span, frame, mode, value)
            return
        self.into.structural.append((value, frame))
        known = evaluate(value, frame, self.session)
        if isinstance(known, ErrorValue):
            self.into.failed = True
            return
        if isinstance(known, Mapping) and operation in ("=", "?="):
            for key, item in known.items():
                self.constant(spot, key, item, operation, span, value, frame, mode)
            return
        items = known if isinstance(known, tuple) else (known,)
        line = spot.field.line if spot.field is not None else None
        takes_list = spot.is_map and isinstance(line, OpenMap) and line.item is not None and all(isinstance(i, str) for i in items)
        takes_list = takes_list or (spot.block is not None and all(isinstance(i, str) and self.flag(spot, str(i)) for i in items))
        if not takes_list:
            what = "an open map" if spot.is_map else "a block"
            self.session.say(
                codes.WRONG_KIND,
                f"{'.'.join(spot.path)} is {what}, and this is {describe(known)}",
                value.span,
                help=where_a_block_stands(spot.block, spot.path, known, items),
            )
            self.into.failed = True
            return
        for item in items:
            if spot.is_map:
                assert isinstance(line, OpenMap)
                self.constant(spot, str(item), line.item, operation, span, value, frame, mode)
            else:
                self.constant(spot, str(item), True, operation, span, value, frame, mode)

    def flag(self, spot: ResolvedPath, name: str) -> Field | None:
        """The boolean feature of a block of that name; of a sub-block, its main one."""
        assert spot.block is not None
        found = schema(spot.block).by_name.get(name)
        if found is not None and isinstance(found.line, Sub) and found.types[0].main:
            inner: Field = schema(found.types[0]).by_name[found.types[0].main.replace("_", "-")]
            return inner
        return found if found is not None and isinstance(found.line, Attr) else None

    def constant(
        self, spot: ResolvedPath, key: str, item: Value | None, operation: Operation, span: Span, value: tree.Expr, frame: Frame, mode: Mode
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
            inner = inner.at((*inner.path, main), None, schema(inner.block).by_name[main])
        op: Operation = "unset" if operation == "-=" else "=" if operation == "+=" else operation
        self.add(inner, op, span, frame, mode, None if op == "unset" else value, item)

    def add(
        self,
        spot: ResolvedPath,
        operation: Operation,
        span: Span,
        frame: Frame,
        mode: Mode,
        expr: tree.Expr | None = None,
        constant: Value | None = None,
    ) -> None:
        if guards_choice(mode, spot, span, self.session):
            return
        if mode.arch_guard and spot.path == ("arch",):
            self.session.say(codes.GUARDED, "a `when` that reads $arch cannot guard arch", span)
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
            Setting(spot.path, operation, mode.final, spot.field, mode.layer, span, frame, expr, constant, spot.wildcard, spot.where)
        )

    def open(self, spot: ResolvedPath, mode: Mode, span: Span) -> None:
        """Notes that the labelled blocks on the way to a spot exist, and the spot itself where it is a block; once a layer."""
        for path in spot.opened if spot.block is None else (*spot.opened, spot.path):
            key = (path, mode.layer.rank, *map(id, spot.where))
            if key not in self.seen:
                self.seen.add(key)
                self.into.openings.append(BlockDeclaration(path, mode.layer, span, spot.wildcard, spot.where))

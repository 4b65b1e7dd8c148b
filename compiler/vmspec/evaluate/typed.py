"""Converts values to what the model's lines accept: kinds, and variants of choices made by calls."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.base.code import Code
from vmspec.base.diagnostic import Edit, Fix
from vmspec.base.source import Span
from vmspec.base.suggest import did_you_mean, likeliest, question
from vmspec.evaluate import codes
from vmspec.evaluate.hints import home
from vmspec.evaluate.operators import describe
from vmspec.evaluate.session import POISON, ErrorValue, Session, ValueOrError
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.kind import Kind, ListOf, OneOf, Problem, spelled_text
from vmspec.model.show import quote
from vmspec.model.value import ObjectRef, Symbol, Tagged, Value, unwritable
from vmspec.resolve import codes as names
from vmspec.syntax import tree

_CODES: Mapping[str, Code] = {"kind": codes.WRONG_KIND, "unit": codes.MISSING_UNIT, "exact": codes.INEXACT, "boolean": codes.NOT_A_BOOLEAN}


def fit(
    value: Value, field: Field, span: Span, session: Session, expr: tree.Expr | None = None, plain: bool = False, name: str = ""
) -> ValueOrError:
    """Convert a value for a feature; POISON after a diagnostic. `plain`: the object has `resolve = false`."""
    match field.line:
        case Choice():
            return choose(value, field, span, session, expr, plain)
        case OpenMap() if isinstance(value, Mapping):
            return _map(value, field, span, session, expr)
        case Attr(kind=kind) | OpenMap(kind=kind):
            if isinstance(value, Tagged):
                return unknown_call(value, field, span, session, expr)
            wrong = unwritable(value) if not isinstance(value, int) else None
            if wrong is not None:
                message = f"{name or field.name} has the character {wrong} in it, which XML cannot hold"
                return session.say(codes.WRONG_KIND, message, span)
            read = kind.read(value)
            strict = kind.strictly(read) if not plain and not isinstance(read, Problem) else None
            if not isinstance(read, Problem) and strict is None:
                return read
            if strict is not None:
                read = strict
            assert isinstance(read, Problem)
            culprit = _item(kind, value, expr)
            if culprit is not None:
                read, value, expr = culprit
                span = expr.span
            return refuse(read, value, name or field.name, span, session, kind.noun, expr)
        case Sub():
            return _sub(value, field.types[0], field.name, span, session, expr, "", plain)
        case Many():
            return _many(value, field, span, session, expr, plain)


def _map(values: Mapping[str, Value], field: Field, span: Span, session: Session, expr: tree.Expr | None) -> ValueOrError:
    """A map in an argument, entry by entry."""
    fitted: dict[str, Value] = {}
    for key, value in values.items():
        one = fit(value, field, span, session, expr)
        if isinstance(one, ErrorValue):
            return one
        fitted[key] = one
    return fitted


def _item(kind: Kind, value: Value, expr: tree.Expr | None) -> tuple[Problem, Value, tree.Expr] | None:
    """The first item of a written list that does not fit: what is wrong with it, and where it stands."""
    items = kind.item if isinstance(kind, ListOf) else None
    if items is None or not isinstance(value, tuple) or not isinstance(expr, tree.ListOf) or len(value) != len(expr.items):
        return None
    read = ((items.read(each), each, written) for each, written in zip(value, expr.items, strict=True))
    return next(((problem, each, written) for problem, each, written in read if isinstance(problem, Problem)), None)


LITERALS = (tree.Int, tree.Number, tree.Bool, tree.Text, tree.Ref, tree.Bare, tree.CpuList)


VAGUE = ("text", "a path")
"""Nouns that are too vague for a message."""


def refuse(problem: Problem, value: Value, name: str, span: Span, session: Session, noun: str, expr: tree.Expr | None = None) -> ErrorValue:
    """Report why a value does not fit; a fix is offered only where the value itself is written."""
    written = isinstance(expr, LITERALS) or (expr is None and not isinstance(value, tuple))
    fix = Fix(f"write {problem.instead}", (Edit(span, problem.instead),)) if problem.instead and written else None
    help_ = question(problem.instead) if problem.instead else None if noun in problem.message or noun in VAGUE else f"{name} takes {noun}"
    return session.say(_CODES[problem.about], f"{name}: {describe(value)} {problem.message}", span, help=help_, fix=fix)


def unknown_call(value: Tagged, field: Field, span: Span, session: Session, expr: tree.Expr | None) -> ErrorValue:
    from vmspec.evaluate.constructors import CONSTRUCTORS
    from vmspec.evaluate.functions import FUNCTIONS

    at = expr.function.span if isinstance(expr, tree.Call) else span
    help_ = did_you_mean(value.tag, (*FUNCTIONS, *CONSTRUCTORS, "has"), "{}()")
    if field.name == "start-after" and value.tag == "vm":
        help_ = f"write a list: `{field.name} = [vm(NAME)]`"
    kind = field.line.kind if isinstance(field.line, Attr) else None
    if isinstance(kind, OneOf) and value.tag in kind.words:
        help_ = f"it is a word here: `{field.name} = {value.tag}`"
    return session.say(names.UNKNOWN_FUNCTION, f"{value.tag}() is no function, and {field.name} takes no such value", at, help=help_)


def choose(value: Value, field: Field, span: Span, session: Session, expr: tree.Expr | None, plain: bool = False) -> ValueOrError:
    """The variant that a call names: `file("/x", format = qcow2)`."""
    if isinstance(value, Block):
        return value
    if isinstance(value, ObjectRef):
        value = Tagged(value.kind, (value,), ())
    if isinstance(value, Symbol) and any(t.tag == value for t in field.types):
        value = Tagged(str(value), (), ())
    tags = [t.tag for t in field.types]
    if not isinstance(value, Tagged):
        meant = _network_for(value, tags, session) or _call_for(value, field.types)
        example = meant or next((f'{t.tag}("…")' for t in field.types if t.positional), f"{tags[0]}(…)")
        return session.say(
            codes.WRONG_KIND,
            f"{field.name}: {describe(value)} does not say what it is",
            span,
            help=f"write for example `{example}`; it is one of " + ", ".join(tags),
            fix=Fix(f"write {meant}", (Edit(span, meant),)) if meant and isinstance(expr, LITERALS) else None,
        )
    variant = next((t for t in field.types if t.tag == value.tag), None)
    if variant is None:
        at = expr.function.span if isinstance(expr, tree.Call) else span
        hint = likeliest(value.tag, tags)
        fix = Fix(f"write {hint}", (Edit(at, hint),)) if hint and isinstance(expr, tree.Call) else None
        help_ = question(hint) if hint else "it is one of " + ", ".join(tags)
        return session.say(names.UNKNOWN_FUNCTION, f"{field.name} is never {value.tag}(…)", at, help=help_, fix=fix)
    return _Arguments(variant, value, span, session, _call(expr), plain).build()


def _call(expr: tree.Expr | None) -> tree.Call | None:
    """Where the arguments are written: in a call, and in the block behind a value."""
    if isinstance(expr, tree.Opened):
        from vmspec.syntax.opened import named

        before = _call(expr.value)
        name = before.function if before is not None else tree.Ref(expr.value.span, ())
        return tree.Call(expr.span, name, (*(before.arguments if before is not None else ()), *named(expr.body)))
    return expr if isinstance(expr, tree.Call) else None


def _network_for(value: Value, tags: list[str], session: Session) -> str:
    """Of an interface: the network that is called so, in the program or on every host of libvirt; `nat` is what that one does."""
    if not isinstance(value, str) or not {"network", "bridge"} <= set(tags):
        return ""
    if any(value in known for (_, kind), known in session.names.items() if kind == "network"):
        return f"network({value})"
    return 'network("default")' if value in ("default", "nat") else ""


def _call_for(value: Value, variants: tuple[type[Block], ...]) -> str:
    """The call that a bare text was meant for, as far as its form tells: an address, a device node, a path, a name."""
    if not isinstance(value, str):
        return ""
    address = next((t.tag for t in variants if t.positional_parts(str(value))), "")
    tags = [t.tag for t in variants if t.positional]
    wanted: tuple[str, ...]
    if not address and value.startswith("/"):
        folder = "." not in value.rpartition("/")[2]
        wanted = ("mount", "file", "unix", "dir") if folder else ("file", "unix", "mount", "dir")
        wanted = ("block", "dev", "random", "unix") if value.startswith("/dev/") else wanted
    else:
        wanted = (address,) if address else ("bridge", "network") if "/" not in value else ()
    tag = next((tag for tag in wanted if tag in tags or tag == address), "")
    return f"{tag}({quote(str(value))})" if tag else ""


class _Arguments:
    """The arguments of one call as the features of a variant."""

    def __init__(self, variant: type[Block], value: Tagged, span: Span, session: Session, call: tree.Call | None, plain: bool) -> None:
        self.plain = plain
        self.variant = variant
        self.value = value
        self.span = span
        self.session = session
        self.call = call
        self.features: dict[str, object] = {}
        self.failed = False

    def build(self) -> ValueOrError:
        positional = [n.replace("_", "-") for n in self.variant.positional]
        for index, item in enumerate(self.value.positional):
            if isinstance(item, ObjectRef) and item.kind == "volume" and self.variant.tag == "volume" and index == 0:
                self.take("pool", self.session.pools.get(item.name, ""), index, None)
                self.take("volume", item.name, index, None)
                continue
            if isinstance(item, ObjectRef):
                item = item.name
            if index == 0 and isinstance(item, str) and self.parts(str(item)):
                continue
            if index >= len(positional):
                self.wrong(self.too_many(item, index, len(positional)), self.at(index, None))
                break
            self.take(positional[index], item, index, None)
        for name, item in self.value.named:
            self.take(name, item.name if isinstance(item, ObjectRef) else item, None, name)
        return POISON if self.failed else self.variant(**self.features)

    def too_many(self, item: Value, index: int, positional: int) -> str:
        if index == 0 and isinstance(item, str) and self.variant.tag == "pci":
            return f"{quote(str(item))} is no PCI address: `pci(0000:3b:00.0)` has domain, bus, slot up to 1f and function up to 7"
        return f"{self.variant.tag}() takes {positional} unnamed argument{'s' if positional != 1 else ''}"

    def parts(self, text: str) -> bool:
        """One literal that stands for several features: a PCI address."""
        split = getattr(self.variant, "positional_parts", None)
        found = split(text) if split is not None else None
        if found is None:
            return False
        self.features.update(found)
        return True

    def take(self, name: str, item: Value, index: int | None, argument: str | None) -> None:
        lines = schema(self.variant)
        found = lines.by_name.get(name)
        at = self.at(index, argument)
        if name == "xml" and argument is not None:
            self.features["raw"] = raw_parts(item)
            return
        if found is None:
            hint, _ = home(self.variant, self.variant, name)
            written = self.argument(index, argument)
            where = written.name_span if written is not None and written.name_span is not None else at
            self.wrong(f"{self.variant.tag}() has no argument {name}", where, hint or "it takes " + ", ".join(lines.by_name))
            return
        if found.python in self.features:
            self.wrong(f"{self.variant.tag}() is given {name} twice", at)
            return
        expr = self.expr(index, argument)
        if self.plain and spell(item, found, self.features):
            return
        if isinstance(found.line, OpenMap) and not isinstance(item, Mapping):
            self.wrong(f"{name} is a map, and this is {describe(item)}", at, f"write `{name} = {{ key = value }}`")
            return
        fitted = fit(item, found, expr.span if expr is not None else at, self.session, expr, self.plain)
        if isinstance(fitted, ErrorValue):
            self.failed = True
        else:
            self.features[found.python] = fitted

    def expr(self, index: int | None, argument: str | None) -> tree.Expr | None:
        found = self.argument(index, argument)
        return found.value if found is not None else None

    def argument(self, index: int | None, argument: str | None) -> tree.Argument | None:
        if self.call is None:
            return None
        if argument is not None:
            return next((a for a in self.call.arguments if a.name == argument), None)
        unnamed = [a for a in self.call.arguments if a.name is None]
        return unnamed[index] if index is not None and index < len(unnamed) else None

    def at(self, index: int | None, argument: str | None) -> Span:
        found = self.argument(index, argument)
        return found.span if found is not None else self.span

    def wrong(self, message: str, at: Span, help_: str | None = None) -> None:
        self.failed = True
        self.session.say(codes.BAD_ARGUMENT, message, at, help=help_)


def _sub(
    value: Value, block: type[Block], name: str, span: Span, session: Session, expr: tree.Expr | None, label: str, plain: bool
) -> ValueOrError:
    """A map as a block: how the arguments of a call hold nested blocks."""
    if isinstance(value, Block):
        return value
    lines = schema(block)
    if block.main and not isinstance(value, Mapping):
        value = {block.main.replace("_", "-"): value}
    if not isinstance(value, Mapping):
        return session.say(
            codes.WRONG_KIND,
            f"{name} is a block, and this is {describe(value)}",
            span,
            help=f"write `{name} {{ … }}` in a block behind the call, or `{name} = {{ … }}` among its arguments",
        )
    features: dict[str, object] = {"label": label} if label else {}
    for key, item in nested(value).items():
        found = lines.by_name.get(key)
        if key == "xml":
            features["raw"] = raw_parts(item)
            continue
        if found is None:
            return session.say(
                names.UNKNOWN_ATTRIBUTE,
                f"{name} has no {key}",
                _key_span(expr, key) or span,
                help=did_you_mean(key, lines.by_name) or "it has " + ", ".join(lines.by_name),
            )
        inner = (
            next((e.value for e in expr.entries if [s.name for s in e.path.segments] == [key]), None)
            if isinstance(expr, tree.MapOf)
            else None
        )
        if plain and spell(item, found, features):
            continue
        if isinstance(found.line, OpenMap) and not isinstance(item, Mapping):
            return session.say(codes.WRONG_KIND, f"{name}.{key} is a map, and this is {describe(item)}", _key_span(expr, key) or span)
        fitted = fit(item, found, inner.span if inner is not None else span, session, inner, plain)
        if isinstance(fitted, ErrorValue):
            return fitted
        features[found.python] = fitted
    return block(**features)


def _key_span(expr: tree.Expr | None, key: str) -> Span | None:
    """Where a map names an entry."""
    entries = expr.entries if isinstance(expr, tree.MapOf) else ()
    return next((e.path.segments[0].span for e in entries if e.path.segments[0].name == key), None)


def nested(value: Mapping[str, Value]) -> dict[str, Value]:
    """`{ a.b = 1; a.c = 2 }` as `{ a = { b = 1; c = 2 } }`."""
    result: dict[str, Value] = {}
    inner: dict[str, dict[str, Value]] = {}
    for key, item in value.items():
        head, dot, rest = key.partition(".")
        if dot:
            inner.setdefault(head, {})[rest] = item
            result[head] = inner[head]
        elif isinstance(item, Mapping) and head in inner:
            inner[head].update(item)
        else:
            result[head] = item
    return result


def _many(value: Value, field: Field, span: Span, session: Session, expr: tree.Expr | None, plain: bool) -> ValueOrError:
    """Labelled blocks inside an argument: a map by label, or a list where the labels do not matter."""
    items = (
        list(value.items())
        if isinstance(value, Mapping)
        else [(str(i), v) for i, v in enumerate(value)]
        if isinstance(value, tuple)
        else None
    )
    if items is None:
        return session.say(
            codes.WRONG_KIND,
            f"{field.name}: {describe(value)} is not a map of blocks by label",
            span,
            help=f"write `{field.name} NAME {{ … }}`",
        )
    blocks: list[Value] = []
    for label, item in items:
        at = next((e for e in expr.entries if e.path.segments[0].name == label), None) if isinstance(expr, tree.MapOf) else None
        inner = at.value if at is not None and len(at.path.segments) == 1 else None
        where = inner.span if inner is not None else span
        block = _sub(item, field.types[0], f"{field.name} {label}", where, session, inner, label, plain)
        if isinstance(block, ErrorValue):
            return block
        blocks.append(block)
    return tuple(blocks)


def spelled(value: Value, field: Field) -> Value | None:
    """With `resolve = false`, a quoted string in place of another kind is kept as libvirt's own text."""
    if not isinstance(field.line, Attr) or not isinstance(value, str) or isinstance(value, Symbol):
        return None
    read = field.line.kind.read(value)
    if not isinstance(read, Problem) and field.line.kind.text(read) == value:
        return None
    return field.line.kind.from_xml(spelled_text(field.line.kind, str(value)))


def spell(value: Value, field: Field, features: dict[str, object]) -> bool:
    """Keeps libvirt's own text of a feature beside its value; False where the value is no such text."""
    own = spelled(value, field)
    if own is None or not isinstance(field.line, Attr):
        return False
    text = spelled_text(field.line.kind, str(value))
    before = features.get("spelling")
    unit = {} if text.unit is None else {f"{field.python}.unit": text.unit}
    features[field.python] = own
    features["spelling"] = {**(before if isinstance(before, dict) else {}), field.python: text.text, **unit}
    return True


def raw_parts(value: Value) -> dict[str, str]:
    """`xml = "…"` of the block itself, or a map by place."""
    return {key: str(part) for key, part in value.items()} if isinstance(value, Mapping) else {"": str(value)}

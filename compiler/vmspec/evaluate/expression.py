"""Evaluates expressions: pure, exact, every mistake reported at its own span."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from vmspec.base.diagnostic import Edit, Fix
from vmspec.base.suggest import did_you_mean, likeliest, question
from vmspec.evaluate import codes
from vmspec.evaluate.constructors import CONSTRUCTORS
from vmspec.evaluate.functions import FUNCTIONS, FunctionCall
from vmspec.evaluate.instances.parts import member, part_of
from vmspec.evaluate.maps import map_of, opened
from vmspec.evaluate.opaque import holds_secret, no_key
from vmspec.evaluate.operators import AMBIGUOUS, apply_binary, bounded, describe, negate
from vmspec.evaluate.references import REFERENCES, declared, hint_variable, reference
from vmspec.evaluate.session import MAX_NESTED, MAX_STRING, POISON, Binding, ErrorValue, Frame, Session, ValueOrError
from vmspec.evaluate.types import fits
from vmspec.evaluate.weight import weighed
from vmspec.model.block import Block
from vmspec.model.show import show
from vmspec.model.value import DIMENSIONS, MAX_CPU, CpuSet, ObjectRef, Secret, Symbol, Tagged, Value, exact
from vmspec.resolve import codes as names
from vmspec.resolve.program import OBJECT_KINDS, Unit
from vmspec.syntax import tree


class SelfReader(Protocol):
    """Reads `self.…`: the merged value of the object being defined."""

    def read(self, steps: tuple[str, ...], access: tree.Access) -> ValueOrError: ...

    def has(self, steps: tuple[str, ...]) -> bool: ...


def evaluate(expr: tree.Expr, frame: Frame, session: Session, reader: SelfReader | None = None) -> ValueOrError:
    """Evaluate an expression; POISON after a diagnostic."""
    session.nodes += 1
    if session.nodes & 0xFFF == 0:
        session.spend(expr.span)
    session.nested += 1
    if session.nested > MAX_NESTED:
        session.exhausted(f"more than {MAX_NESTED:,} values depend on each other in a row", expr.span)
    value = _EVALUATE[type(expr)](expr, frame, session, reader)
    session.nested -= 1
    return value


def text_of(text: tree.Text, frame: Frame, session: Session, reader: SelfReader | None = None) -> str | ErrorValue:
    """Evaluate a string with its interpolations."""
    constant = text.constant
    if constant is not None:
        return constant
    pieces: list[str] = []
    length = 0
    for part in text.parts:
        if isinstance(part, str):
            piece = part
        else:
            value = _interpolated(part, frame, session, reader)
            if isinstance(value, ErrorValue):
                return value
            if isinstance(value, (tuple, Mapping, Tagged, ObjectRef, Block)):
                message = f"{describe(value)} cannot stand inside a string"
                return session.say(codes.WRONG_KIND, message, part.span, help="use join() for a list")
            if isinstance(value, Secret):
                return session.say(codes.SECRET, "a secret cannot stand inside a string", part.span)
            piece = str(value) if isinstance(value, str) else show(value)
        length += len(piece)
        if length > MAX_STRING:
            session.exhausted(f"a string grows beyond {MAX_STRING >> 20} MiB", text.span)
        pieces.append(piece)
    return "".join(pieces)


def _interpolated(part: tree.Expr, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    """Inside `${ }` a lone name is a variable."""
    if isinstance(part, tree.Ref) and len(part.segments) == 1:
        return variable(part.dotted, part, frame, session)
    return evaluate(part, frame, session, reader)


def variable(name: str, at: tree.Expr, frame: Frame, session: Session) -> ValueOrError:
    binding = frame.find(name)
    if binding is None:
        if name == "env":
            return Symbol(session.env or "none")
        if name == "arch" and frame.parent is not None:
            return Symbol(session.arch)
        help_ = did_you_mean(name, (*frame.visible(), "arch", "env", "host"), "${}")
        return session.say(names.UNKNOWN_VARIABLE, f"${name} is not defined", at.span, help=help_)
    return force(binding, name, at, session)


def force(binding: Binding, name: str, at: tree.Expr, session: Session) -> ValueOrError:
    """The value of a binding, evaluated on first use and checked against its declared type."""
    if binding.running:
        return session.say(codes.CYCLE, f"${name} is defined by itself", binding.span)
    if binding.value is None:
        if binding.expr is None or binding.frame is None:
            message = f"${name} has no value: it has no default, and `--param {name}=…` was not given"
            return session.say(codes.MISSING_ARGUMENT, message, binding.span)
        binding.running = True
        binding.value = evaluate(binding.expr, binding.frame, session)
        binding.running = False
    if binding.param is not None and not binding.checked and not isinstance(binding.value, ErrorValue):
        span = binding.expr.span if binding.expr is not None else binding.span
        binding.value = fits(binding.value, binding.param, span, session)
        binding.checked = True
    return binding.value


# --------------------------------------------------------------------------------------------------- literals


def _int(e: tree.Int, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    return e.value


def _bool(e: tree.Bool, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    return e.value


def _number(e: tree.Number, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    if not e.unit:
        quoted = f'"{e.digits}"'
        return session.say(
            codes.INEXACT,
            f"{e.digits} is not a whole number, and there are no floats",
            e.span,
            help=f"a version is a text, in quotes: {quoted}",
            fix=Fix(f"write {quoted}", (Edit(e.span, quoted),)),
        )
    try:
        value = exact(e.digits, e.unit)
    except ValueError as error:
        return session.say(codes.INEXACT, str(error), e.span)
    if value is not None:
        return bounded(value, e.span, session)
    base, slash, _ = e.unit.partition("/")
    if base in AMBIGUOUS or (base.upper() in AMBIGUOUS and base != "m"):
        letter = base[0].upper()
        better = f"{e.digits}{letter}iB{'/s' if slash else ''}"
        return session.say(
            codes.AMBIGUOUS_UNIT,
            f"{e.digits}{e.unit} may mean {letter}iB (1024) or {letter}B (1000)",
            e.span,
            help=f"libvirt reads {letter} as 1024 and {letter}B as 1000; write `{better}` or `{e.digits}{letter}B{'/s' if slash else ''}`",
            fix=Fix(f"write {better}", (Edit(e.span, better),)),
        )
    units = [name for dimension in DIMENSIONS for name, _ in dimension.units]
    right = next((u for u in units if u.lower() == e.unit.lower()), None) or likeliest(e.unit, units)
    fix = Fix(f"write {e.digits}{right}", (Edit(e.span, f"{e.digits}{right}"),)) if right else None
    return session.say(
        codes.UNKNOWN_UNIT, f"{e.unit} is not a unit", e.span, help=question(f"{e.digits}{right}") if right else None, fix=fix
    )


def _cpus(e: tree.CpuList, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    bits = 0
    for first, last, excluded in e.parts:
        if max(first, last) >= MAX_CPU:
            return session.say(codes.BAD_CPUSET, f"{max(first, last)} is not a CPU number: they end at {MAX_CPU - 1}", e.span)
        if last < first:
            return session.say(
                codes.BAD_CPUSET,
                f"the range {first}-{last} is descending",
                e.span,
                fix=Fix("swap the ends", (Edit(e.span, f"{last}-{first}"),)) if len(e.parts) == 1 else None,
            )
        some = CpuSet.span(first, last).bits
        bits = bits & ~some if excluded else bits | some
    return CpuSet(bits)


def _bare(e: tree.Bare, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    return Symbol(e.text)


def _text(e: tree.Text, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    return text_of(e, frame, session, reader)


# ------------------------------------------------------------------------------------------- names and access


OWN = frozenset({"cpu", "memory", "disk", "interface", "numa", "firmware", "boot", "clock", "features", "hostdev", "controller"})
"""Blocks of a VM whose values are read as `self.cpu.count`."""


def _ref(e: tree.Ref, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    if len(e.segments) == 1:
        return Symbol(e.segments[0].name)
    found = reference(e, frame.unit, session, OBJECT_KINDS)
    if found is not None:
        return found
    own = reader is not None and e.segments[0].name in OWN
    return session.say(
        names.UNKNOWN_REFERENCE,
        f"{e.dotted} names nothing that is declared",
        e.span,
        help=question(f"self.{e.dotted}") if own else f'a text with dots is written in quotes: "{e.dotted}"',
        fix=Fix("write self", (Edit(e.span, f"self.{e.dotted}"),))
        if own
        else Fix("put it in quotes", (Edit(e.span, f'"{e.dotted}"'),))
        if all(s.text is None for s in e.segments)
        else None,
    )


def _access(e: tree.Access, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    if e.is_self:
        if reader is None:
            return session.say(codes.SELF_NOT_HERE, "`self` cannot be read here: it is known only after the merge", e.span)
        steps: list[str] = []
        for step in e.steps:
            index = _key(step, frame, session, reader)
            if isinstance(index, ErrorValue):
                return index
            steps.append(str(index) if isinstance(index, str) else show(index))
        return reader.read(tuple(steps), e)
    root: ValueOrError
    rest = e.steps
    binding = frame.find(e.root)
    space = frame.unit.namespaces.get(e.root)
    if binding is None and isinstance(space, Unit) and rest and isinstance(rest[0], tree.Segment):
        root = variable(rest[0].name, e, session.root(space), session)
        rest = rest[1:]
    elif binding is not None:
        root = force(binding, e.root, e, session)
    else:
        root = variable(e.root, e, frame, session)
    for step in rest:
        if isinstance(root, ErrorValue):
            return root
        key = _key(step, frame, session, reader)
        if isinstance(key, ErrorValue):
            return key
        root = member(root, key, step.span, session)
    return root


def _key(step: tree.Segment | tree.Expr, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    """What a step of an access names: `.name`, or the value in `[…]`, which no secret can be."""
    key = step.name if isinstance(step, tree.Segment) else evaluate(step, frame, session, reader)
    return no_key(step.span, session) if holds_secret(key) else key


# ------------------------------------------------------------------------------------------------------ calls


def _call(e: tree.Call, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    name = e.function.dotted
    if name == "has":
        return _has(e, frame, session, reader)
    if name in CONSTRUCTORS and e.arguments:
        return CONSTRUCTORS[name](e, frame, session)
    positional: list[Value] = []
    named: list[tuple[str, Value]] = []
    poisoned = False
    for index, argument in enumerate(e.arguments):
        named_object = declared(e, index, frame, session) if name in REFERENCES else None
        value = evaluate(argument.value, frame, session, reader) if named_object is None else named_object
        if isinstance(value, ErrorValue):
            poisoned = True
        elif argument.name is None:
            if named:
                return session.say(codes.BAD_ARGUMENT, "a positional argument cannot follow a named one", argument.span)
            positional.append(value)
        elif any(argument.name == known for known, _ in named):
            return session.say(codes.BAD_ARGUMENT, f"the argument {argument.name} is given twice", argument.span)
        else:
            named.append((argument.name, value))
    if poisoned:
        return POISON
    function = FUNCTIONS.get(name)
    if name == "bridge":
        hint_variable(e, frame, session)
    if name in REFERENCES and not named and len(positional) == 1 and isinstance(positional[0], ObjectRef):
        return positional[0]
    if function is None:
        return weighed(Tagged(name, tuple(positional), tuple(named)), e.span, session)
    if named:
        return session.say(codes.BAD_ARGUMENT, f"{name}() has no argument named {named[0][0]}", e.span)
    return function(FunctionCall(e, tuple(positional), frame, session))


def _has(e: tree.Call, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    """`has(self.tpm)`: whether anything is set there."""
    only = e.arguments[0].value if len(e.arguments) == 1 else None
    if not isinstance(only, tree.Access):
        return session.say(codes.BAD_ARGUMENT, "has() takes one path: `has(self.memory.hugepages)`", e.span)
    if not only.is_self:
        return _has_variable(only, frame, session, reader)
    if reader is None:
        return session.say(codes.SELF_NOT_HERE, "`self` cannot be read here: it is known only after the merge", only.span)
    steps: list[str] = []
    for step in only.steps:
        key = _key(step, frame, session, reader)
        if isinstance(key, ErrorValue):
            return key
        steps.append(str(key) if isinstance(key, str) else show(key))
    return reader.has(tuple(steps))


def _has_variable(only: tree.Access, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    space = frame.unit.namespaces.get(only.root) if frame.find(only.root) is None else None
    rest = only.steps
    if isinstance(space, Unit) and rest and isinstance(rest[0], tree.Segment):
        if session.root(space).find(rest[0].name) is None:
            return False
        value = variable(rest[0].name, only, session.root(space), session)
        rest = rest[1:]
    else:
        value = evaluate(tree.Access(only.span, only.root, False, ()), frame, session, reader)
    for step in rest:
        if isinstance(value, ErrorValue):
            return value
        key = _key(step, frame, session, reader)
        if isinstance(key, ErrorValue):
            return key
        found = part_of(value, key)
        if found is None:
            return False
        value = found
    return POISON if isinstance(value, ErrorValue) else True


# --------------------------------------------------------------------------------------- collections, operators


def _list(e: tree.ListOf, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    items = [evaluate(item, frame, session, reader) for item in e.items]
    if any(isinstance(i, ErrorValue) for i in items):
        return POISON
    return weighed(tuple(i for i in items if not isinstance(i, ErrorValue)), e.span, session)


def _unary(e: tree.Unary, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    value = evaluate(e.operand, frame, session, reader)
    if isinstance(value, ErrorValue):
        return value
    if e.operator == "-":
        return negate(value, e, session)
    if isinstance(value, bool):
        return not value
    return session.say(codes.BAD_OPERAND, f"`not` takes a boolean, and this is {describe(value)}", e.operand.span)


def _binary(e: tree.Binary, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    left = evaluate(e.left, frame, session, reader)
    if e.operator in ("and", "or"):
        if isinstance(left, ErrorValue):
            return left
        if not isinstance(left, bool):
            return session.say(codes.BAD_OPERAND, f"`{e.operator}` takes booleans, and this is {describe(left)}", e.left.span)
        if left is (e.operator == "or"):
            return left
        right = evaluate(e.right, frame, session, reader)
        if isinstance(right, (bool, ErrorValue)):
            return right
        return session.say(codes.BAD_OPERAND, f"`{e.operator}` takes booleans, and this is {describe(right)}", e.right.span)
    right = evaluate(e.right, frame, session, reader)
    if isinstance(left, ErrorValue) or isinstance(right, ErrorValue):
        return POISON
    return apply_binary(e, left, right, session)


def _if(e: tree.Conditional, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    condition = evaluate(e.condition, frame, session, reader)
    if isinstance(condition, ErrorValue):
        return condition
    if not isinstance(condition, bool):
        return session.say(codes.BAD_OPERAND, f"`if` takes a boolean, and this is {describe(condition)}", e.condition.span)
    return evaluate(e.then if condition else e.otherwise, frame, session, reader)


_EVALUATE: Mapping[type, Callable[..., ValueOrError]] = {
    tree.Int: _int,
    tree.Bool: _bool,
    tree.Number: _number,
    tree.CpuList: _cpus,
    tree.Bare: _bare,
    tree.Text: _text,
    tree.Ref: _ref,
    tree.Access: _access,
    tree.Call: _call,
    tree.ListOf: _list,
    tree.MapOf: map_of,
    tree.Opened: opened,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Conditional: _if,
}

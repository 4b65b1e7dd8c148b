"""Evaluates a program: hosts first, then all other objects; what the objects of a template share is evaluated once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TypeAlias

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Diagnostic, Label, Severity
from vmspec.base.record import record
from vmspec.base.source import Source, Span
from vmspec.base.suggest import did_you_mean
from vmspec.evaluate import codes
from vmspec.evaluate.evaluated import Evaluated, SettledObject
from vmspec.evaluate.expression import evaluate as evaluate_expression
from vmspec.evaluate.expression import force, text_of
from vmspec.evaluate.facts import host_map, with_facts
from vmspec.evaluate.instances.instance import Instance, Template
from vmspec.evaluate.loops import iterate
from vmspec.evaluate.merge.mro import Lineages
from vmspec.evaluate.merge.overlay import check_blocks
from vmspec.evaluate.opaque import speaks_of_secrets
from vmspec.evaluate.operators import plain_int
from vmspec.evaluate.session import FRAMES, MAX_OBJECTS, Binding, ErrorValue, Frame, OutOfBudgetError, Session, ValueOrError
from vmspec.evaluate.unused import check_unused
from vmspec.model.kinds import ROOTS
from vmspec.model.placement import HostPlacement
from vmspec.model.show import show
from vmspec.model.value import ObjectRef, Secret, Value, unwritable
from vmspec.resolve import codes as names
from vmspec.resolve.program import OBJECT_KINDS, ObjectDef, Program, Unit
from vmspec.syntax import tree
from vmspec.syntax.parser import parse

_READ = ("host", "secret", "pool", "volume")
ORDER = (*_READ, *(k for k in OBJECT_KINDS if k not in (*_READ, "vm")), "vm")
"""Those first that others read: the host that an object is placed on, the names of secrets, the pools of volumes. VMs last."""


@record(frozen=True)
class EvaluateOptions:
    """The options of a build. `params` are texts of expressions; a text that does not parse is a string."""

    env: str | None = None
    params: Mapping[str, str] | None = None
    placements: Mapping[str, HostPlacement] = {}
    """Of VMs whose host a placement chooses, by name."""
    placing: bool = False
    """Whether it is no error that such a VM has no placement: what would follow from it is in error without a message."""


def evaluate(program: Program, options: EvaluateOptions | None = None) -> tuple[Evaluated, tuple[Diagnostic, ...]]:
    """Evaluate every object of a program, and report every mistake."""
    options = options or EvaluateOptions()
    session = Session(program, options.env, placements=options.placements, placing=options.placing)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), FRAMES))
    objects: list[SettledObject] = []
    try:
        options_of(session, options)
        objects = _objects(session)
    except OutOfBudgetError:
        pass
    except RecursionError:
        first = program.units[0].source if program.units else Source("", "")
        session.diagnostics.append(
            Diagnostic(codes.BUDGET, "values depend on each other too deeply", None, notes=(f"in the build of {first.path}",))
        )
    return Evaluated(tuple(objects), options.env, tuple(session.read), session.host_facts), tuple(session.diagnostics)


Pending: TypeAlias = tuple[Template, list[Instance]]
"""A template and its objects."""


def templates_of(session: Session, definitions: tuple[ObjectDef, ...], lineages: Lineages) -> list[Pending]:
    """Instantiate every definition, and register the objects' names in the session."""
    pending: list[Pending] = []
    taken: dict[tuple[str, str], ObjectDef] = {}
    # Hosts first: the items of an `each` may name them.
    for definition in sorted(definitions, key=lambda d: d.kind != "host"):
        root = session.root(definition.unit)
        kept = [i for i in instances(definition, root, session) if fresh(i, definition, taken, session)]
        session.names.setdefault((id(definition.unit), definition.kind), set()).update(i.name for i in kept)
        many = any(isinstance(s, tree.Each) for s in definition.node.body.statements)
        pending.append((Template(definition, ROOTS[definition.kind], session, lineages, root, many), kept))
    return pending


def settle_templates(session: Session, pending: list[Pending], settled: Callable[[Template], None] | None = None) -> list[SettledObject]:
    """Evaluate all instances, hosts first. `settled` is called after each object, while its template still holds it."""
    objects: list[SettledObject] = []
    for kind in ORDER:
        for template, kept in pending:
            for instance in kept if template.definition.kind == kind else ():
                done = template.settle(instance)
                if done is None:
                    continue
                if kind == "host":
                    session.hosts[done.name] = host_map(done, template.definition.unit, session)
                    done = with_facts(done, template.definition.unit, session)
                if kind == "secret":
                    session.secrets[done.name] = _secret_of(done)
                if kind == "volume":
                    pool = done.values.get(("pool",))
                    session.pools[done.name] = named(pool.value) if pool is not None else ""
                objects.append(done)
                if settled is not None:
                    settled(template)
    return objects


def _secret_of(done: SettledObject) -> Secret:
    """How guests name it: by what it is for, or by its UUID."""
    texts = {path[0]: str(value.value) for path, value in done.values.items() if path in (("name",), ("target",), ("volume",), ("uuid",))}
    return Secret(texts.get("name") or texts.get("target") or texts.get("volume") or "", uuid=texts.get("uuid", ""))


def named(value: Value) -> str:
    """The name in a reference, whether written as a name or as an object."""
    return value.name if isinstance(value, ObjectRef) else str(value)


def _objects(session: Session) -> list[SettledObject]:
    definitions = session.program.objects
    lineages = Lineages(session)
    pending = templates_of(session, definitions, lineages)
    check_params(session)
    check_blocks(session, {kind: {n for (_, k), some in session.names.items() if k == kind for n in some} for kind in OBJECT_KINDS})
    objects = settle_templates(session, pending)
    check_unused(session, lineages, definitions)
    return objects


# ---------------------------------------------------------------------------------------------------- instances


def instances(definition: ObjectDef, root: Frame, session: Session) -> list[Instance]:
    """The objects of a definition: one, or the product of its `each` statements."""
    node = definition.node
    assert node.label is not None
    if node.where is not None:
        said = f"`where` says which blocks a wildcard fills, and this is {with_article(definition.kind)}"
        session.say(codes.WHERE, said, node.where.span, help=f'in an env or policy, `{definition.kind} "*" where … {{ }}` speaks of some')
        return []
    rows: list[dict[str, Value]] = [{}]
    for statement in node.body.statements:
        if isinstance(statement, tree.Each):
            following = _product(statement, rows, root, session)
            if following is None:
                return []
            rows = following
    found: list[Instance] = []
    for row in rows:
        name = _name(node.label, row, root, session)
        if name is None:
            continue
        wrong = bad_name(name)
        if wrong:
            session.say(names.BAD_OBJECT_NAME, f"the name {name!r} {wrong}", node.label.span)
            session.names.setdefault((id(definition.unit), definition.kind), set()).add(name)
        else:
            found.append(Instance(name, row))
    return found


def _product(each: tree.Each, rows: list[dict[str, Value]], root: Frame, session: Session) -> list[dict[str, Value]] | None:
    source = each.source
    following: list[dict[str, Value]] = []
    told = False
    for row in rows:
        value = _items(source, _frame(row, each, root), session)
        if isinstance(value, ErrorValue):
            return None
        items = iterate(value, each.names, source.span, session)
        if items is None:
            return None
        if not told and (_counted(source, root) or (len(each.names) == 2 and len(items) > 1 and not isinstance(value, Mapping))):
            told = True
            _say_positions(source, session)
        following += [{**row, **item} for item in items]
        if len(following) > MAX_OBJECTS:
            session.exhausted(f"more than {MAX_OBJECTS:,} objects from one block", each.span)
    return following


def _counted(source: tree.Expr, frame: Frame) -> bool:
    """Whether the keys of an `each` are numbers from `range()`, directly or through a `let`."""
    if isinstance(source, tree.Access) and not source.steps and not source.is_self:
        binding = frame.find(source.root)
        return binding is not None and isinstance(binding.expr, tree.Call) and binding.expr.function.dotted == "range"
    return isinstance(source, tree.Call) and source.function.dotted == "range"


def _say_positions(source: tree.Expr, session: Session) -> None:
    session.say(
        codes.EACH_RANGE,
        "the keys of this `each` are positions: removing one changes every object after it",
        source.span,
        severity=Severity.WARNING,
        help="name them: `each $n in [red, blue]` or `each $n, $cpus in { a = …; b = … }`; "
        "runners that are all alike are an `each $n in pool(50)`",
    )


def _items(source: tree.Expr, frame: Frame, session: Session) -> ValueOrError:
    """The items of an `each`; `pool(50)` stands for 0 to 49, for objects that differ only by number."""
    if isinstance(source, tree.Call) and source.function.dotted == "pool" and len(source.arguments) == 1:
        number = evaluate_expression(source.arguments[0].value, frame, session)
        if isinstance(number, int) and plain_int(number) and 0 <= number <= MAX_OBJECTS:
            return tuple(range(number))
        if isinstance(number, int):
            return session.say(codes.BAD_ARGUMENT, f"pool() takes how many there are, up to {MAX_OBJECTS:,}", source.arguments[0].span)
        if isinstance(number, ErrorValue):
            return number
    return evaluate_expression(source, frame, session)


def _frame(row: Mapping[str, Value], at: tree.Each | tree.Segment, root: Frame) -> Frame:
    frame = Frame(root.unit, root)
    for name, value in row.items():
        frame.bindings[name] = Binding(at.span, value=value)
    return frame


def _name(label: tree.Segment, row: Mapping[str, Value], root: Frame, session: Session) -> str | None:
    if label.text is None:
        return label.name
    text = text_of(label.text, _frame(row, label, root), session)
    return text if isinstance(text, str) else None


def bad_name(name: str) -> str | None:
    """Why a text cannot be an object's name, which becomes a name in libvirt and of a file; None if it can."""
    if not name:
        return "is empty"
    if "/" in name:
        return "has a slash"
    if "\\" in name:
        return "has a backslash"
    if any(ord(c) < 32 or ord(c) == 127 for c in name):
        return "has a control character"
    wrong = unwritable(name)
    if wrong is not None:
        return f"has the character {wrong} in it, which XML cannot hold"
    if name in (".", "..") or name.startswith("."):
        return "begins with a dot"
    if name == "*":
        return "is the wildcard"
    return "is longer than 200 bytes" if len(name.encode("utf-8", "replace")) > 200 else None


def fresh(instance: Instance, definition: ObjectDef, taken: dict[tuple[str, str], ObjectDef], session: Session) -> bool:
    """Whether a name is new among the objects of its kind."""
    key = (definition.kind, instance.name)
    other = taken.setdefault(key, definition)
    label = definition.node.label
    assert label is not None
    if other is definition and key not in session.first_rows:
        session.first_rows[key] = instance.bindings
        return True
    if other is definition:
        first, second = (
            ", ".join(f"${k} = {show(v)}" for k, v in row.items()) or "once more" for row in (session.first_rows[key], instance.bindings)
        )
        session.say(
            codes.DUPLICATE_INSTANCE,
            f"two objects of this block are named {instance.name}: {first}; and {second}",
            label.span,
            help="let the label tell them apart",
        )
        return False
    assert other.node.label is not None
    session.say(
        names.DUPLICATE_OBJECT,
        f"two {definition.kind}s are named {instance.name}",
        label.span,
        labels=(Label(other.node.label.span, "the first is here"),),
        subject=instance.name,
    )
    return False


# ------------------------------------------------------------------------------------------------------ options


def options_of(session: Session, options: EvaluateOptions) -> None:
    """Check the options of a build, and bind the parameters."""
    check_env(session, None)
    program = session.program
    declared = {name: u for u in program.units for name, (node, owner) in u.lets.items() if isinstance(node, tree.Param) and owner is u}
    for name, text in (options.params or {}).items():
        if refused_secret(session, name):
            continue
        if name in declared:
            session.params[name] = parse_value(name, text, declared[name])
            continue
        offer = f"there are {', '.join(sorted(declared))}" if declared else "no file declares any"
        help_ = did_you_mean(name, declared) or offer
        session.diagnostics.append(Diagnostic(names.UNKNOWN_PARAM, f"no file declares a param ${name}", None, help=help_))


def check_env(session: Session, at: Span | None) -> None:
    """Report an environment that is not declared."""
    known = sorted({b.label.name for b, _ in session.program.envs if b.label is not None})
    if session.env is None or session.env in known:
        return
    offer = f"there are {', '.join(known)}" if known else "no env block is declared"
    help_ = did_you_mean(session.env, known) or offer
    session.diagnostics.append(Diagnostic(names.UNKNOWN_ENV, f"no env is named {session.env}", at, help=help_))


def refused_secret(session: Session, name: str) -> bool:
    """Report a `--param` for a secret, without reading its value."""
    for unit in session.program.units:
        node, owner = unit.lets.get(name, (None, unit))
        if isinstance(node, tree.Param) and owner is unit and speaks_of_secrets(node.type):
            session.say(
                codes.SECRET,
                f"--param gives ${name} its value, and that is a secret: a command line is read by every user of the machine",
                node.name.span,
                help=f"say it to plan, deploy and verify: `--secret {name}=env:NAME`, `file:PATH`, `cmd:COMMAND` or `fd:N`",
            )
            return True
    return False


def parse_value(name: str, text: str, unit: Unit) -> Binding:
    """The value of `--param name=text`: an expression that can name the file's objects but no variables, or the text itself."""
    head = f"let ${name} = "
    source = Source(f"--param {name}", head + text)
    file = parse(source)
    only = file.statements[0] if len(file.statements) == 1 and not file.diagnostics else None
    if not isinstance(only, tree.Let) or only.value.span.end != len(source.text.rstrip()):
        return Binding(Span(source, len(head), len(source.text)), value=text)
    return Binding(only.value.span, expr=only.value, frame=Frame(unit, None))


def check_params(session: Session) -> None:
    """Evaluate every given parameter, so that a mistake in an unused one is reported too."""
    for unit in session.program.units:
        for name, (node, owner) in unit.lets.items():
            if owner is unit and isinstance(node, tree.Param) and name in session.params:
                binding = session.root(unit).bindings[name]
                force(binding, name, tree.Access(binding.span, name, False, ()), session)

"""Checks what no object of this build uses: profiles that nobody extends, other environments, untaken branches."""

from __future__ import annotations

from vmspec.base.diagnostic import Label
from vmspec.base.record import record
from vmspec.base.source import Span
from vmspec.evaluate.expression import evaluate
from vmspec.evaluate.merge.branches import Mode, unknown
from vmspec.evaluate.merge.collect import Collector
from vmspec.evaluate.merge.mro import Lineages
from vmspec.evaluate.merge.overlay import frame_of
from vmspec.evaluate.merge.statements import Collected, Layer
from vmspec.evaluate.reads import self_reads
from vmspec.evaluate.session import POISON, Binding, ErrorValue, Frame, Session
from vmspec.evaluate.typed import fit
from vmspec.evaluate.types import reader_of
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.host import Host
from vmspec.model.kinds import ROOTS
from vmspec.resolve import codes as names
from vmspec.resolve.program import OBJECT_KINDS, ObjectDef, ProfileDef, Unit
from vmspec.syntax import tree


def check_unused(session: Session, lineages: Lineages, definitions: tuple[ObjectDef, ...]) -> None:
    """Check them as far as possible without the values of parameters and `self`."""
    used: set[int] = set()
    for definition in definitions:
        for parent in lineages.parents(id(definition.node), definition.node.parents, definition.unit) or ():
            used.update(id(p) for p in lineages.order(parent) or ())
    for unit in session.program.units:
        for profile in unit.profiles.values():
            if profile.unit is unit:
                _parameters(profile, session)
            if profile.unit is unit and id(profile) not in used and lineages.order(profile) is not None:
                _check(Unused(profile.node.body, profile.node.params, unit, f"profile {profile.title}", profile.node.name.span), session)

    for block, unit in session.program.envs:
        if block.label is None or block.label.name != session.env:
            _environment(block, unit, session)
    _branches(session)


def _branches(session: Session) -> None:
    """Names and literal values: what a variable stands for where the branch is taken is not known."""
    for known, branch in list(session.untaken.items()):
        if known in session.taken:
            continue
        collected = Collected()
        assert branch.root.block is not None
        collector = Collector(session, branch.root.block, collected, dry=True)
        collector.statements(branch.body.statements, branch.spots, unknown(branch.frame, branch.body.span), branch.mode)
        _fitting(collected, session)


def _environment(block: tree.Block, unit: Unit, session: Session) -> None:
    origin = f"env {block.label.name if block.label is not None else ''}"
    around = frame_of(block, unit, session)
    for statement in block.body.statements:
        if isinstance(statement, tree.Profile):
            known = unit.profiles.get(statement.name.name)
            params = known.node.params if known is not None else ()
            _check(Unused(statement.body, params, unit, origin, statement.name.span, around), session)
        elif isinstance(statement, tree.Block) and statement.path.segments[0].name in OBJECT_KINDS:
            unused = Unused(statement.body, (), unit, origin, statement.path.span, around)
            _collect(unused, ROOTS[statement.path.segments[0].name], session)


def _parameters(profile: ProfileDef, session: Session) -> None:
    """Every parameter has a type that exists and a name of its own."""
    seen: dict[str, Span] = {}
    for param in profile.node.params:
        reader_of(param.type, session)
        name = param.name.name
        if name in seen:
            session.say(names.NAME_CLASH, f"${name} is declared twice", param.name.span, labels=(Label(seen[name], "declared here first"),))
        seen.setdefault(name, param.name.span)


@record(frozen=True, slots=True)
class Unused:
    """A body that no object has, and the parameters that it may read."""

    body: tree.Body
    params: tuple[tree.Param, ...]
    unit: Unit
    origin: str
    span: Span
    around: Frame | None = None
    """The variables around the body, where they are not the file's."""


def _check(unused: Unused, session: Session) -> None:
    """As a profile of VMs; where a host fits it better, as one of hosts."""
    before = len(session.diagnostics)
    _collect(unused, Domain, session)
    if len(session.diagnostics) == before:
        return
    trial = Session(session.program, session.env, session.params, names=session.names)
    _collect(unused, Host, trial)
    if len(trial.diagnostics) < len(session.diagnostics) - before:
        session.diagnostics[before:] = trial.diagnostics


def _collect(unused: Unused, root: type[Block], session: Session) -> None:
    frame = Frame(unused.unit, unused.around or session.root(unused.unit))
    for param in unused.params:
        frame.bindings[param.name.name] = Binding(param.span, value=POISON)
    for name in ("host", "arch"):
        frame.bindings.setdefault(name, Binding(unused.span, value=POISON))
    collected = Collected()
    collector = Collector(session, root, collected, dry=True)
    collector.body(unused.body, frame, Mode(Layer(0, unused.origin, 0)))
    _fitting(collected, session)


def _fitting(collected: Collected, session: Session) -> None:
    """Whether the values fit their settings, as far as they are known."""
    for setting in collected.settings:
        if setting.expr is None or setting.field is None or setting.constant is not None or self_reads(setting.expr):
            continue
        value = evaluate(setting.expr, setting.frame, session)
        if not isinstance(value, ErrorValue):
            fit(value, setting.field, setting.value_span, session, setting.expr)

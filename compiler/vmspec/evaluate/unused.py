"""Profiles that no object extends: their names, kinds and units are checked all the same."""

from __future__ import annotations

from vmspec.evaluate.collect import Collector, Mode
from vmspec.evaluate.expression import evaluate
from vmspec.evaluate.linearise import Lineages
from vmspec.evaluate.reads import self_reads
from vmspec.evaluate.session import POISON, Binding, Frame, Poison, Session
from vmspec.evaluate.setting import Collected, Layer
from vmspec.evaluate.typed import fit
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.host import Host
from vmspec.resolve.program import ObjectDef, ProfileDef


def check_unused(session: Session, lineages: Lineages, definitions: tuple[ObjectDef, ...]) -> None:
    """As far as that can be told without the values of parameters and `self`."""
    used: set[int] = set()
    for definition in definitions:
        for parent in lineages.parents(id(definition.node), definition.node.parents, definition.unit) or ():
            used.update(id(p) for p in lineages.order(parent) or ())
    for unit in session.program.units:
        for profile in unit.profiles.values():
            if profile.unit is unit and id(profile) not in used and lineages.order(profile) is not None:
                _check(profile, session)


def _check(profile: ProfileDef, session: Session) -> None:
    """As a profile of VMs; where that fails and it fits a host, as one of hosts."""
    before = len(session.diagnostics)
    _collect(profile, Domain, session)
    if len(session.diagnostics) == before:
        return
    trial = Session(session.program, session.env, session.params, names=session.names)
    _collect(profile, Host, trial)
    if not trial.diagnostics:
        del session.diagnostics[before:]


def _collect(profile: ProfileDef, root: type[Block], session: Session) -> None:
    frame = Frame(profile.unit, session.root(profile.unit))
    for param in profile.node.params:
        frame.bindings[param.name.name] = Binding(param.span, value=POISON)
    frame.bindings.setdefault("host", Binding(profile.node.name.span, value=POISON))
    collected = Collected()
    collector = Collector(session, root, collected, dry=True)
    collector.body(profile.node.body, frame, Mode(Layer(0, f"profile {profile.title}", 0)))
    for setting in collected.settings:
        if setting.expr is None or setting.field is None or setting.constant is not None or self_reads(setting.expr):
            continue
        value = evaluate(setting.expr, setting.frame, session)
        if not isinstance(value, Poison):
            fit(value, setting.field, setting.value_span, session, setting.expr)

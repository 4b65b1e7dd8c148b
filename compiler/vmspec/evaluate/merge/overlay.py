"""Selects the `env` and `policy` blocks that apply to an object."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.record import record
from vmspec.evaluate import codes
from vmspec.evaluate.expression import text_of
from vmspec.evaluate.loops import without_misplaced
from vmspec.evaluate.merge.where import condition
from vmspec.evaluate.session import POISON, Binding, Frame, Session
from vmspec.model.kinds import ROOTS
from vmspec.resolve import codes as names
from vmspec.resolve.program import OBJECT_KINDS, ProfileDef, Unit
from vmspec.syntax import tree


@record(frozen=True, slots=True)
class Overlay:
    """A body that applies to an object from an env or policy, and its lexical frame."""

    origin: str
    body: tree.Body
    frame: Frame
    where: tree.Expr | None = None
    """The condition of `vm "*" where …`."""
    profile: int | None = None
    """For a profile's block in an env: the profile's place in the linearisation."""
    own: bool = False
    """Whether an env's block names the object."""


def label_of(block: tree.Block, frame: Frame, session: Session) -> str | None:
    if block.label is None:
        return None
    if block.label.text is None:
        return block.label.name
    text = text_of(block.label.text, without_misplaced(block.body.statements, frame, session), session)
    return text if isinstance(text, str) else None


def frame_of(block: tree.Block, unit: Unit, session: Session) -> Frame:
    """The variables of a file; a `let` that stands in an env or policy by mistake is in error, and so is what reads it."""
    lets = [s for s in block.body.statements if isinstance(s, tree.Let)]
    root = session.root(unit)
    return Frame(unit, root, {s.name.name: Binding(s.name.span, value=POISON) for s in lets}) if lets else root


def selected_envs(session: Session) -> Iterator[tuple[tree.Block, Unit]]:
    return ((b, u) for b, u in session.program.envs if session.env is not None and b.label is not None and b.label.name == session.env)


def env_bodies(session: Session, kind: str, name: str, profiles: tuple[ProfileDef, ...]) -> Iterator[Overlay]:
    """The env's bodies for an object, weakest first: blocks of profiles, then `"*"`, then the object's own name."""
    general: list[Overlay] = []
    own: list[Overlay] = []
    of_profiles: list[tuple[int, Overlay]] = []
    for block, unit in selected_envs(session):
        frame = frame_of(block, unit, session)
        for statement in block.body.statements:
            if isinstance(statement, tree.Profile):
                found = unit.profiles.get(statement.name.name)
                if found in profiles and found is not None:
                    at = profiles.index(found)
                    title = f"profile {found.title} in env {session.env}"
                    of_profiles.append((at, Overlay(title, statement.body, frame, profile=at)))
            elif isinstance(statement, tree.Block) and statement.path.segments[0].name == kind:
                label = label_of(statement, frame, session)
                overlay = Overlay(f"env {session.env}", statement.body, frame, statement.where, own=label != "*")
                if label == "*":
                    general.append(overlay)
                elif label == name:
                    own.append(overlay)
    yield from (o for _, o in sorted(of_profiles, key=lambda pair: pair[0]))
    yield from general
    yield from own


def labels_of_overlays(session: Session, kind: str) -> frozenset[str]:
    """The names of the objects that the chosen env and policies mention individually."""
    blocks = (*selected_envs(session), *session.program.policies)
    found = (
        label_of(statement, frame_of(block, unit, session), session)
        for block, unit in blocks
        for statement in block.body.statements
        if isinstance(statement, tree.Block) and statement.path.segments[0].name == kind
    )
    return frozenset(label for label in found if label is not None and label != "*")


def policy_bodies(session: Session, kind: str, name: str) -> Iterator[Overlay]:
    for block, unit in session.program.policies:
        frame = frame_of(block, unit, session)
        for statement in block.body.statements:
            if (
                isinstance(statement, tree.Block)
                and statement.path.segments[0].name == kind
                and label_of(statement, frame, session) in ("*", name)
            ):
                title = block.label.name if block.label is not None else ""
                yield Overlay(f"policy {title}", statement.body, frame, statement.where)


def check_blocks(session: Session, objects: dict[str, set[str]]) -> None:
    """Check the blocks of every env and policy, chosen or not: they may only contain blocks of objects that exist."""
    for word, blocks in (("env", session.program.envs), ("policy", session.program.policies)):
        for block, unit in blocks:
            frame = frame_of(block, unit, session)
            for statement in block.body.statements:
                if isinstance(statement, (tree.Block, tree.Profile)) and statement.parents:
                    session.say(
                        names.MISPLACED, f"a block of {'an' if word == 'env' else 'a'} {word} extends nothing", statement.parents[0].span
                    )
                match statement:
                    case tree.Block() if len(statement.path.segments) == 1 and statement.path.segments[0].name in OBJECT_KINDS:
                        _target(word, statement, frame, session, objects)
                    case tree.Profile() if word == "env":
                        if statement.name.name not in unit.profiles:
                            session.say(names.UNKNOWN_PROFILE, f"no profile is named {statement.name.name}", statement.name.span)
                    case _:
                        what = "vm, host and profile blocks" if word == "env" else "vm and host blocks"
                        session.say(names.MISPLACED, f"{with_article(word)} holds {what}", statement.span)


def _target(word: str, block: tree.Block, frame: Frame, session: Session, objects: dict[str, set[str]]) -> None:
    from vmspec.base.suggest import did_you_mean

    kind = block.path.segments[0].name
    label = label_of(block, frame, session)
    if block.where is not None and label != "*":
        session.say(
            codes.WHERE,
            f"`where` says which {kind}s a wildcard speaks of, and this block names one",
            block.where.span,
            help=f'write `{kind} "*" where … {{ }}`',
        )
    elif block.where is not None:
        condition(block.where, ROOTS[kind], frame, session)
    if block.label is None:
        session.say(names.LABEL, f"this {kind} has no label", block.path.span, help=f'write `{kind} "*" {{ … }}` for all of them')
    elif label is not None and label != "*" and label not in objects.get(kind, set()):
        session.say(
            names.UNKNOWN_ENV if word == "env" else names.UNKNOWN_REFERENCE,
            f"this {word} speaks of {with_article(kind)} {label}, which does not exist",
            block.label.span,
            help=did_you_mean(label, objects.get(kind, set())),
        )

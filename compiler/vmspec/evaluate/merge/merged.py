"""Groups the collected settings by path, after removals, labels and wildcards; no value is evaluated here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from vmspec.base.diagnostic import Label
from vmspec.base.provenance import Path, show_path
from vmspec.base.record import field, record
from vmspec.base.source import Span
from vmspec.evaluate import codes
from vmspec.evaluate.evaluated import SettledValue
from vmspec.evaluate.merge.statements import BlockDeclaration, Collected, Layer, Setting, WildcardCondition
from vmspec.evaluate.session import Session


@record(slots=True, eq=False)
class MergedPath:
    """A path with all settings that take part in its value, weakest layer first."""

    path: Path
    settings: tuple[Setting, ...]
    dropped: tuple[Setting, ...] = ()
    """Settings that `replace`, `unset` or a named block excluded; they appear in the provenance only."""
    default: SettledValue | None = None
    varies: bool = False
    """Whether its value differs between the objects of a template."""
    memo: SettledValue | None = None
    state: int = 0
    """0 new, 1 being evaluated, 2 done, 3 being evaluated and found to be part of a cycle."""
    value: SettledValue | None = None
    """The current object's value; None with state 2 means an error."""


@record(slots=True)
class Structure:
    """The merged paths of an object in order of first appearance, and its blocks."""

    slots: dict[Path, MergedPath] = field(default_factory=dict)
    blocks: dict[Path, Span] = field(default_factory=dict)
    removed: frozenset[Path] = frozenset()
    """Paths that `unset` removed: wildcards and defaults do not set them again."""
    locks: tuple[Setting, ...] = ()


def over(a: Layer, b: Layer) -> bool:
    """Whether layer a is stronger than layer b."""
    return bool(a.beats >> b.rank & 1)


def structure(collected: Collected, session: Session) -> Structure:
    """The structure of one object, without conditional wildcards (see `fill`).

    Mistakes of the shape itself are reported: removing nothing, breaking a lock by removal.
    """
    named = [s for s in collected.settings if not s.wildcard and s.operation not in ("unset", "replace", "lock")]
    wild = [s for s in collected.settings if s.wildcard and not s.where and s.operation not in ("unset", "replace", "lock")]
    removals = [s for s in collected.settings if s.operation in ("unset", "replace")]
    openings = [o for o in collected.openings if not o.wildcard]
    dropped: dict[Path, list[Setting]] = {}
    removed: set[Path] = set()
    for removal in removals:
        conditional = [s for s in collected.settings if s.where]
        named, openings = _remove(removal, named, [*wild, *conditional], openings, dropped, removed, session)
    result = Structure()
    for opening in openings:
        result.blocks.setdefault(opening.path, opening.span)
    groups: dict[Path, list[Setting]] = {}
    for setting in named:
        groups.setdefault(setting.path, []).append(setting)
    result.removed = frozenset(p for p in removed if not any(_inside(g, p) for g in groups))
    filled = _wildcards(wild, result)
    for opening in collected.openings:
        if opening.wildcard and not opening.where and opening.path[-1] != "*":
            for path in expand(opening.path, result):
                result.blocks.setdefault(path, opening.span)
    for path, settings in groups.items():
        fill = filled.pop(path, [])
        finals = [w for w in fill if w.final]
        kept_out = (*dropped.get(path, ()), *(w for w in fill if not w.final))
        result.slots[path] = MergedPath(path, tuple(sorted([*finals, *settings], key=_rank)), kept_out)
    for path, settings in filled.items():
        result.slots[path] = MergedPath(path, tuple(sorted(settings, key=_rank)), tuple(dropped.get(path, ())))
    result.locks = tuple(s for s in collected.settings if s.operation == "lock")
    return result


def _rank(setting: Setting) -> int:
    return setting.layer.rank


def _inside(path: Path, prefix: Path) -> bool:
    return path[: len(prefix)] == prefix


def _remove(
    removal: Setting,
    named: list[Setting],
    wild: list[Setting],
    openings: list[BlockDeclaration],
    dropped: dict[Path, list[Setting]],
    removed: set[Path],
    session: Session,
) -> tuple[list[Setting], list[BlockDeclaration]]:
    """Apply one `unset` or `replace` to the settings of weaker layers below its path."""
    word = removal.operation
    found = False
    kept: list[Setting] = []
    for s in named:
        if not _inside(s.path, removal.path):
            kept.append(s)
        elif over(removal.layer, s.layer) or _yields(s, removal):
            found = True
            if s.final:
                _lock_broken(removal, s, session)
                kept.append(s)
            else:
                dropped.setdefault(s.path, []).append(s)
        else:
            if s.layer.rank == removal.layer.rank and word == "unset":
                found = True
                session.say(
                    codes.SET_TWICE, f"one body sets and unsets {show_path(s.path)}", removal.span, labels=(Label(s.span, "set here"),)
                )
            elif s.layer.rank != removal.layer.rank and not over(s.layer, removal.layer):
                found = True
                _sibling(removal, s, session)
            kept.append(s)
    left: list[BlockDeclaration] = []
    for o in openings:
        if not (_inside(o.path, removal.path) and over(removal.layer, o.layer)):
            left.append(o)
            continue
        found = True
        if word == "replace" and o.path == removal.path and not any(known.path == o.path for known in left):
            # A block that is replaced stays where it was written first: it is the same device with other settings.
            left.append(BlockDeclaration(o.path, removal.layer, removal.span))
    if word == "unset":
        for s in wild:
            if _fills(s.path, removal.path, openings):
                found = True
                if s.final and not s.where and not over(s.layer, removal.layer):
                    _lock_broken(removal, s, session)
        removed.add(removal.path)
        # What a sibling took away already is taken away twice, which is no mistake.
        gone = (d for path, settings in dropped.items() if _inside(path, removal.path) for d in settings)
        if not found and not any(over(removal.layer, d.layer) for d in gone):
            help_ = "a model default is no setting: give the path another value" if removal.field is not None else None
            if "." in removal.path[-1] and removal.field is None:
                help_ = f"a value in a block is named by its path: `unset {'.'.join(removal.path)}`"
            others = [o.path[-1] for o in left if removal.field is None and over(removal.layer, o.layer) and _beside(o.path, removal.path)]
            if others:
                help_ = f"of {'.'.join(removal.path[:-1])} there is {', '.join(dict.fromkeys(others))}"
            session.say(codes.UNSET_NOTHING, f"no weaker layer sets {show_path(removal.path)}", removal.span, help=help_)
    elif not any(o.path == removal.path for o in left):
        left.append(BlockDeclaration(removal.path, removal.layer, removal.span))
    return kept, left


def _beside(path: Path, other: Path) -> bool:
    """Whether these are two blocks of one kind."""
    return len(path) == len(other) > 1 and path[:-1] == other[:-1] and path != other


def _yields(s: Setting, removal: Setting) -> bool:
    """Whether a weak setting gives way to an `unset` or `replace`, which are as strong as `=`.

    Of a stronger layer only that of the very path that is unset: what it says of a block opens the block anew.
    """
    if s.operation != "?=" or s.final or s.layer.rank == removal.layer.rank:
        return False
    if over(s.layer, removal.layer):
        return removal.operation == "unset" and s.path == removal.path
    return True


def _fills(pattern: Path, path: Path, openings: list[BlockDeclaration]) -> bool:
    """Whether a wildcard setting reaches a path inside a block that exists."""
    at = pattern.index("*")
    if len(path) <= at + 1 or len(pattern) < len(path) or any(a not in ("*", b) for a, b in zip(pattern, path, strict=False)):
        return False
    return any(o.path == path[: at + 1] for o in openings)


def _lock_broken(removal: Setting, lock: Setting, session: Session) -> None:
    word = "removes" if removal.operation == "unset" else "replaces"
    session.say(
        codes.FINAL_BROKEN,
        f"{removal.layer.origin} {word} {show_path(lock.path)}, which {lock.layer.origin} locks",
        removal.span,
        labels=(Label(lock.span, "locked here with `final`"),),
    )


def _sibling(removal: Setting, other: Setting, session: Session) -> None:
    word = "unset" if removal.operation == "unset" else "replaced"
    session.say(
        codes.SIBLING_CONFLICT,
        f"{show_path(other.path)} is set by {other.layer.origin} and {word} by {removal.layer.origin}, and neither derives from the other",
        removal.span,
        labels=(Label(other.span, f"{other.layer.origin} sets it here"),),
        help="settle it in a profile that derives from both, in a stronger layer, or with `over`",
    )


def _wildcards(wild: list[Setting], result: Structure) -> dict[Path, list[Setting]]:
    """The wildcard settings of every path that they match, among the labels known after the merge."""
    filled: dict[Path, list[Setting]] = {}
    patterns = dict.fromkeys(s.path for s in wild)
    matches = {pattern: expand(pattern, result) for pattern in patterns}
    for setting in wild:
        for path in matches[setting.path]:
            if not any(_inside(path, gone) for gone in result.removed):
                filled.setdefault(path, []).append(setting)
    return filled


Fits: TypeAlias = Callable[[tuple[WildcardCondition, ...], Path], bool]
"""Whether the conditions of a wildcard hold for the blocks on the way to a path."""


def fill(shape: Structure, collected: Collected, fits: Fits, session: Session) -> None:
    """Add what conditional wildcards set. All conditions are decided before anything is added."""
    wild = [s for s in collected.settings if s.where and s.operation not in ("unset", "replace", "lock")]
    filled = {path: [s for s in some if fits(s.where, path)] for path, some in _wildcards(wild, shape).items()}
    opened = [
        (path, o.span)
        for o in collected.openings
        if o.where and o.path[-1] != "*"
        for path in expand(o.path, shape)
        if fits(o.where, path) and not any(_inside(path, gone) for gone in shape.removed)
    ]
    for path, span in opened:
        shape.blocks.setdefault(path, span)
    for path, settings in filled.items():
        if settings:
            shape.slots[path] = _joined(path, shape.slots.get(path), settings)
    _locked_removals(wild, collected, fits, session)


def _joined(path: Path, slot: MergedPath | None, settings: list[Setting]) -> MergedPath:
    """A merged path with the settings of more wildcards; on a path that a named block sets, only `final` ones take part."""
    if slot is None:
        return MergedPath(path, tuple(sorted(settings, key=_rank)))
    named = any(not s.wildcard for s in slot.settings)
    taking = [s for s in settings if s.final or not named]
    out = tuple(s for s in settings if s not in taking)
    return MergedPath(path, tuple(sorted([*slot.settings, *taking], key=_rank)), (*slot.dropped, *out), slot.default)


def _locked_removals(wild: list[Setting], collected: Collected, fits: Fits, session: Session) -> None:
    """An `unset` of what a wildcard with a condition locks."""
    for removal in (s for s in collected.settings if s.operation == "unset"):
        for s in wild:
            breaks = s.final and not over(s.layer, removal.layer) and _fills(s.path, removal.path, collected.openings)
            if breaks and fits(s.where, removal.path):
                _lock_broken(removal, s, session)


def expand(pattern: Path, result: Structure) -> list[Path]:
    """The concrete paths of a pattern: each `*` stands for every label of its block."""
    if "*" not in pattern:
        return [pattern]
    at = pattern.index("*")
    prefix = pattern[:at]
    labels = [p[at] for p in result.blocks if len(p) == at + 1 and p[:at] == prefix]
    return [path for label in labels for path in expand((*prefix, label, *pattern[at + 1 :]), result)]

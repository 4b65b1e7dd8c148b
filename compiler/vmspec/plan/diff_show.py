"""Differences of two builds as text, as Markdown for a pull request, and as data with a version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vmspec.base.json_text import Json
from vmspec.plan.data import change as change_data
from vmspec.plan.diff import ObjectDiff, ObjectFate, worst
from vmspec.plan.markdown import cell
from vmspec.plan.text import shown, where
from vmspec.report.style import Style
from vmspec.report.terminal import safe

VERSION = 1
SIGNS = {ObjectFate.ADDED: "+", ObjectFate.REMOVED: "-", ObjectFate.CHANGED: "~"}


def text(diffs: Sequence[ObjectDiff], look: Style) -> str:
    return "".join(f"{line}\n" for diff in diffs for line in _object(diff, look)) + f"{_summary(diffs)}\n"


def _object(diff: ObjectDiff, look: Style) -> Iterator[str]:
    paint = look.added if diff.fate is ObjectFate.ADDED else look.removed if diff.fate is ObjectFate.REMOVED else look.strong
    yield f"{SIGNS[diff.fate]} {diff.kind} {paint(safe(diff.name))}" + ("" if diff.fate is ObjectFate.CHANGED else f"  ({diff.fate.value})")
    width = max((len(change.effect.value) for change in diff.changes), default=0)
    for each in diff.changes:
        values = f"{safe(shown(each.before))} → {safe(shown(each.after))}"
        yield f"    {each.effect.value:<{width}}  {safe(each.path)}: {values}{safe(where(each.where))}"
    for path, fate in diff.files:
        yield f"    {SIGNS[fate]} {safe(path)}"


def _summary(diffs: Sequence[ObjectDiff]) -> str:
    if not diffs:
        return "The outputs are the same."
    classes = [f"{count} {effect.value}" for effect, count in worst(diffs).items()]
    objects = f"{len(diffs)} object{'s' * (len(diffs) != 1)}"
    return ": ".join([objects, ", ".join(classes)]) if classes else objects


def markdown(diffs: Sequence[ObjectDiff]) -> str:
    return "\n".join([*_table(diffs), "", cell(_summary(diffs)), ""])


def _table(diffs: Sequence[ObjectDiff]) -> Iterator[str]:
    if diffs:
        yield "| object | class | attribute | was | will be | from |"
        yield "|---|---|---|---|---|---|"
    for diff in diffs:
        name = cell(f"{diff.kind} {diff.name}")
        if diff.fate is not ObjectFate.CHANGED:
            yield f"| {name} | {diff.fate.value} | | | | |"
        for each in diff.changes:
            cells = (each.path, shown(each.before), shown(each.after), where(each.where).strip())
            yield f"| {name} | {each.effect.value} | " + " | ".join(map(cell, cells)) + " |"
        for path, fate in diff.files:
            yield f"| {name} | | {cell(path)} | | {fate.value} | |"


def data(diffs: Sequence[ObjectDiff]) -> dict[str, Json]:
    """`differences`: whether there are any; counts by class for those who gate on them."""
    counts: dict[str, Json] = {effect.value: count for effect, count in worst(diffs).items()}
    return {"version": VERSION, "differences": bool(diffs), "classes": counts, "objects": [_plain(diff) for diff in diffs]}


def _plain(diff: ObjectDiff) -> Json:
    files: list[Json] = [{"path": path, "fate": fate.value} for path, fate in diff.files]
    changes: list[Json] = [change_data(each) for each in diff.changes]
    return {"kind": diff.kind, "name": diff.name, "fate": diff.fate.value, "changes": changes, "files": files}

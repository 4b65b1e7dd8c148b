"""`vmc diff`: what a change of the sources does to the outputs, each change classified."""

import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.cli.command import DIFFERENCES, FINE, Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, colours, report, say
from vmspec.cli.revision import names_at, sources_at
from vmspec.driver.compilation import Compilation
from vmspec.plan.diff import BuildSide, ObjectDiff, compare
from vmspec.plan.program import PlannedProgram, program_of
from vmspec.report.style import style
from vmspec.syntax import tree

NOT_IMPORTED = Code(
    8012,
    "not-imported",
    """
    What: `vmc diff --resolve` names a VM that is not in the program, or that is resolved already.
    Why: It shows what would be added to a VM that says `resolve = false`; any other VM has all of that.
    """,
)


AS_WRITTEN = 4907
"""That `as-written` counts only while `resolve = false`."""


@record(frozen=True, kw_only=True)
class Diff(Inputs, Reporting):
    """Show what a change of the sources does to the outputs: object by object, attribute by attribute, each with its class.

    Without a revision, the work tree is compared with HEAD; with one, with that; `REV..REV` compares two. Nothing outside the
    repository is looked at: `vmc plan` compares with hosts.
    """

    words: Annotated[
        tuple[str, ...],
        PositionalArgument("Git revisions; then files, or directories of files.", "[REV|REV..REV] [PATH…]", "HEAD, this directory"),
    ] = ()
    resolve: Annotated[
        str | None, Option(("--resolve",), "Show what the guest of this imported VM would see of `resolve = true`.", "VM")
    ] = None
    format: Annotated[str, Option(("--format",), "How to print the result.", "FORMAT", ("text", "json", "markdown"))] = "text"
    exit_code: Annotated[bool, Option(("--exit-code",), "Exit with 3 where there are differences.")] = False


def run(options: Diff) -> Exit:
    old, new, paths = _split(options.words)
    now, found = compile_(paths, options)
    if has_errors(found):
        return report(found, options)
    with ExitStack() as stack:
        sides: list[Compilation] = []
        problems: list[Diagnostic] = []
        if options.resolve is not None:
            after = _resolved(now, options.resolve, problems)
            return report(problems, options, now.name) if problems else _resolution(now, after, options.resolve, options)
        for revision in (old, new):
            side, wrong = (now, ()) if revision is None else stack.enter_context(sources_at(revision, now, "vmc diff"))
            problems += wrong
            sides += [side] if side is not None else []
        return report(problems, options, now.name) if has_errors(problems) else _compared(sides, (old, new), now, options)


def _split(words: Sequence[str]) -> tuple[str, str | None, tuple[str, ...]]:
    """Old and new revision (None: the work tree), and the paths."""
    first = words[0] if words else ""
    if not first or Path(first).exists() or first.endswith(".vmspec"):
        return "HEAD", None, tuple(words)
    old, dots, new = first.partition("..")
    return old or "HEAD", (new.lstrip(".") or "HEAD") if dots else None, tuple(words[1:])


def _resolved(now: Compilation, name: str, problems: list[Diagnostic]) -> Compilation:
    """The same program with `resolve = true` for one VM: in its body, which is stronger than its profiles."""
    vm = next((each for each in now.fleet.vms if each.name == name), None)
    if vm is None or vm.resolve:
        what = "is no VM of the program" if vm is None else "is resolved already"
        problems.append(Diagnostic(NOT_IMPORTED, f"{name} {what}"))
        return now
    here = vm.span.source, vm.span.start
    node = next(each.node for each in now.program.objects if (each.unit.source, each.node.path.span.start) == here)
    said = next(
        (s.span for s in node.body.statements if isinstance(s, tree.Set) and [g.name for g in s.path.segments] == ["resolve"]), None
    )
    start, end = (node.body.span.start + 1, node.body.span.start + 1) if said is None else (said.start, said.end)
    text = vm.span.source.text
    changed = f"{text[:start]}{'' if said else ' '}resolve = true{'' if said else ';'}{text[end:]}"
    return Compilation(now.paths, now.options, {now.project.root / vm.span.source.path: changed})


def _resolution(now: Compilation, after: Compilation, name: str, options: Diff) -> Exit:
    """What other VMs have to say is left out, and so is what libvirt refuses today already."""
    settled = (*now.program_diagnostics, *now.settled_diagnostics)
    if has_errors(settled):
        return report(settled, options, now.name)
    before = {(each.code, each.message) for each in now.diagnostics}
    # What is written for `resolve = false` alone goes with it.
    new = [each for each in after.diagnostics if (each.code, each.message) not in before and each.code.number != AS_WRITTEN]
    diffs = compare(_build(now), _build(after), name)
    code = report(new, options, now.name)
    _show(diffs, options)
    return code or (DIFFERENCES if diffs and options.exit_code else FINE)


def _compared(sides: Sequence[Compilation], revisions: tuple[str, str | None], now: Compilation, options: Diff) -> Exit:
    found: list[Diagnostic] = []
    for side, revision in zip(sides, revisions, strict=True):
        problems = side.diagnostics if side.paths else ()
        if has_errors(problems):
            return report(problems, options, now.name if revision is None else names_at(revision, now))
        found += problems if side is now else ()
    diffs = [_named(each, sides[-1]) for each in compare(_build(sides[0]), _build(sides[1]))]
    code = report(found, options, now.name)
    _show(diffs, options)
    return code or (DIFFERENCES if diffs and options.exit_code else FINE)


def _build(side: Compilation) -> BuildSide:
    """What is emitted of one side; a side without sources is an empty one."""
    if not side.paths:
        return BuildSide(side, PlannedProgram({}, {}, side.project.id, ()), {})
    files = {each.path: each.data for each in side.artifacts() if each.path.startswith("hosts/") and not each.path.endswith(".xml")}
    kept = {path: data for path, data in files.items() if not path.endswith("/README.md")}
    return BuildSide(side, program_of(side, lambda _: ()), kept)


def _named(diff: ObjectDiff, side: Compilation) -> ObjectDiff:
    """With files as they are called in the repository, where a side lies elsewhere for the time being."""
    root = side.name(side.sources[0]).removesuffix(side.sources[0].path) if side.sources else ""
    if not root.startswith("../") and not root.startswith("/"):
        return diff
    changes = [replace(c, where=replace(c.where, file=c.where.file.removeprefix(root))) if c.where.file else c for c in diff.changes]
    return replace(diff, changes=tuple(changes))


def _show(diffs: Sequence[ObjectDiff], options: Diff) -> None:
    from vmspec.plan import diff_show

    if options.format == "json":
        text = json.dumps(diff_show.data(diffs), indent=1) + "\n"
    elif options.format == "markdown":
        text = diff_show.markdown(diffs)
    else:
        text = diff_show.text(diffs, style(colours(sys.stdout)))
    say(text, sys.stderr if options.machine else sys.stdout)


COMMAND = Command(Diff, run)

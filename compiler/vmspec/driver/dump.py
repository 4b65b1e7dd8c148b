"""Prints the result of each stage as text, for people and golden tests; the bytes are the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from vmspec.base.diagnostic import Diagnostics, has_errors
from vmspec.base.provenance import Path, Provenance, show_path
from vmspec.base.source import Source, Span, position
from vmspec.base.unspoken import HIDDEN, learn, unspoken
from vmspec.driver.compilation import Compilation

PASSWORD = ("passwd",)
QUOTE = '"'
STAGES = ("file", "program", "settled", "fleet", "artifacts")


def printed(compilation: Compilation, stage: str) -> tuple[str, Diagnostics]:
    """The text of a stage, and all diagnostics up to it."""
    given = (*compilation.given_diagnostics,)
    if has_errors(given):
        return "", given
    for unit in compilation.program.units:
        learn(unit.source.text)
    match stage:
        case "file":
            return _joined(_files(compilation)), (*given, *compilation.program_diagnostics)
        case "program":
            return _joined(_program(compilation)), (*given, *compilation.program_diagnostics)
        case "settled":
            return _joined(_settled(compilation)), (*given, *compilation.program_diagnostics, *compilation.settled_diagnostics)
        case "fleet":
            return _if_whole(compilation, _fleet)
        case "artifacts":
            return _if_whole(compilation, _artifacts)
        case _:
            raise ValueError(f"no stage {stage!r}")


def _if_whole(compilation: Compilation, lines: object) -> tuple[str, Diagnostics]:
    found = compilation.diagnostics
    assert callable(lines)
    return ("" if has_errors(found) else _joined(lines(compilation))), found


def _joined(lines: Iterator[str]) -> str:
    """With the passwords of the sources redacted."""
    return unspoken("".join(f"{line}\n" for line in lines))


def _at(span: Span) -> str:
    start, end = position(span.source, span.start), position(span.source, span.end)
    return f"{start.line}:{start.column}-{end.line}:{end.column}"


# ------------------------------------------------------------------------------------------------------ file


def _files(compilation: Compilation) -> Iterator[str]:
    for unit in compilation.program.units:
        yield from _node(unit.file.statements, unit.source, unit.source.path, 0)


def _node(value: object, source: Source, name: str, depth: int) -> Iterator[str]:
    """A syntax node with its fields below it; empty ones are left out."""
    indent = "  " * depth
    if is_dataclass(value) and not isinstance(value, type):
        span = getattr(value, "span", None)
        yield f"{indent}{name}: {type(value).__name__}{f' {_at(span)}' if isinstance(span, Span) else ''}"
        for each in fields(value):
            yield from _node(getattr(value, each.name), source, each.name, depth + 1)
    elif isinstance(value, tuple) and not isinstance(value, Span):
        for number, item in enumerate(value):
            yield from _node(item, source, f"{name}[{number}]", depth)
    elif value not in (None, False, "") and not isinstance(value, Span):
        yield f"{indent}{name} = {value!r}"


# --------------------------------------------------------------------------------------------------- program


def _program(compilation: Compilation) -> Iterator[str]:
    program = compilation.program
    for unit in program.units:
        yield f"unit {unit.source.path}"
        yield from (f"  let ${name} from {owner.source.path}" for name, (_, owner) in sorted(unit.lets.items()))
        yield from (f"  profile {name} from {profile.unit.source.path}" for name, profile in sorted(unit.profiles.items()))
        yield from (f"  namespace {name}" for name in sorted(unit.namespaces))
    for each in program.objects:
        yield f"{each.kind} at {each.unit.source.path} {_at(each.node.span)}"
    for kind, blocks in (("env", program.envs), ("policy", program.policies), ("test", program.tests)):
        yield from (f"{kind} at {unit.source.path} {_at(node.span)}" for node, unit in blocks)


# --------------------------------------------------------------------------------------------------- settled


def _settled(compilation: Compilation) -> Iterator[str]:
    from vmspec.model.show import show

    for each in compilation.settled.objects:
        yield f"{each.kind} {each.name} at {each.span.source.path} {_at(each.span)}"
        yield from _facts(each.host.name if each.host else None, each.profiles, each.resolve)
        yield from (f"  {show_path(path)} {{ }} at {_at(span)}" for path, span in each.blocks.items())
        for path, value in each.values.items():
            yield from _value(path, show(value.value), value.trail)
        yield from (f"  {show_path(path)} is in error" for path in sorted(each.poisoned))


def _facts(host: str | None, profiles: tuple[str, ...], resolve: bool) -> Iterator[str]:
    if host is not None:
        yield f"  placed on {host}"
    if profiles:
        yield f"  profiles {' '.join(profiles)}"
    if not resolve:
        yield "  not resolved"


def _value(path: Path, value: str, trail: Provenance) -> Iterator[str]:
    yield f"  {show_path(path)} = {HIDDEN if path[-1:] == PASSWORD and value[:1] == QUOTE and value != QUOTE * 2 else value}"
    for step in trail:
        where = f" at {step.span.source.path} {_at(step.span)}" if step.span is not None else ""
        parts = [step.kind.value, step.value, f"({step.why})" if step.why else "", f"by {step.origin}{where}"]
        operands = f" from {', '.join(map(str, step.operands))}" if step.operands else ""
        yield f"    {' '.join(part for part in parts if part)}{operands}"


# ----------------------------------------------------------------------------------------- fleet and artifacts


def _fleet(compilation: Compilation) -> Iterator[str]:
    from vmspec.driver.address import objects, values
    from vmspec.model.show import show

    for each in objects(compilation.fleet):
        yield f"{each.kind} {each.name} at {each.span.source.path} {_at(each.span)}"
        yield from _facts(each.host, each.profiles, each.resolve)
        for named in values(each):
            yield from _value(named.path, "removed" if named.value is None else show(named.value), named.trail)


def _artifacts(compilation: Compilation) -> Iterator[str]:
    for artifact in compilation.artifacts():
        yield f"==> {artifact.path}"
        yield artifact.data.decode("utf-8", "backslashreplace").removesuffix("\n")

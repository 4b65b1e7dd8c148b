"""`vmc why`: where a value comes from, step by step."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from vmspec.address import Named, resolve
from vmspec.base.diagnostic import has_errors
from vmspec.base.provenance import Address, Step, StepKind, Trail, show_path
from vmspec.base.render.json import Json, place
from vmspec.base.render.location import Names, locate
from vmspec.base.render.style import Style, style
from vmspec.base.render.terminal import safe, shown
from vmspec.base.source import position
from vmspec.cli.command import FINE, Argument, Command, Exit, Option
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, colours, report, say
from vmspec.compilation import Compilation
from vmspec.model.show import show

DEEPEST = 6
"""Of operands of operands."""


@dataclass(frozen=True, kw_only=True)
class Why(Inputs, Reporting):
    """Show where a value comes from: every step of its trail, the weakest first; of a derived value, its operands too."""

    address: Annotated[str, Argument("`VM:path` or `HOST:path`, as `feed-a:cpu.pin`; a block stands for all in it.", metavar="ADDRESS")]
    paths: Annotated[tuple[str, ...], Argument("Files, or directories of files.", default_help="this directory")] = ()
    format: Annotated[str, Option(("--format",), "How to print it.", "FORMAT", ("text", "json"))] = "text"


def run(options: Why) -> Exit:
    compilation, wrong = compile_(options.paths, options)
    found = [*wrong, *(() if wrong else compilation.diagnostics)]
    if has_errors(found):
        return report(found, options, compilation.name)
    named, missing = resolve(compilation.fleet, options.address)
    if missing is not None:
        return report([missing], options, compilation.name)
    if options.format == "json":
        say(json.dumps([_plain(each, compilation) for each in named], indent=2) + "\n", sys.stdout)
    else:
        look = style(colours(sys.stdout))
        say("\n".join(text(each, compilation, look) for each in named), sys.stdout)
    return FINE


def text(named: Named, compilation: Compilation, look: Style) -> str:
    """A value, its trail, and the trails of its operands, each ended by a line end."""
    head = f"{safe(named.object.name)}:{show_path(named.path)}"
    value = "is not set" if named.value is None else f"= {safe(show(named.value))}"
    return "\n".join([f"{look.strong(head)} {value}", *_trail(named.trail, compilation, look, "  ", ())]) + "\n"


def _trail(trail: Trail, compilation: Compilation, look: Style, indent: str, above: tuple[Address, ...]) -> Iterator[str]:
    for step in trail:
        yield f"{indent}{_step(step, compilation.name, look)}"
        if step.span is not None and step.span.source.text:
            line = position(step.span.source, step.span.start).line
            yield f"{indent}    {look.frame(f'{line} |')} {shown(step.span.source.line_text(line).strip())}"
        yield from _operands(step, compilation, look, indent + "    ", above)


def _step(step: Step, names: Names, look: Style) -> str:
    kind = f"{step.kind.value:<10}"
    decided = look.label(kind) if step.kind is not StepKind.OVERRIDDEN else look.frame(kind)
    value = f" {safe(step.value)}" if step.value else ""
    why = f" ({safe(step.why)})" if step.why else ""
    where = f" at {safe(str(locate(step.span, names)))}" if step.span is not None else ""
    return f"{decided}{value}{why} by {safe(step.origin)}{where}"


def _operands(step: Step, compilation: Compilation, look: Style, indent: str, above: tuple[Address, ...]) -> Iterator[str]:
    for operand in step.operands:
        trail = compilation.trail_of(operand)
        yield f"{indent}from {safe(str(operand))}"
        if trail and operand not in above and len(above) < DEEPEST:
            yield from _trail(trail, compilation, look, indent + "  ", (*above, operand))


def _plain(named: Named, compilation: Compilation) -> Json:
    address = str(Address(named.object.name, named.path))
    value = None if named.value is None else show(named.value)
    return {"address": address, "value": value, "trail": _plain_trail(named.trail, compilation, ())}


def _plain_trail(trail: Trail, compilation: Compilation, above: tuple[Address, ...]) -> list[Json]:
    return [
        {
            "kind": step.kind.value,
            "origin": step.origin,
            "value": step.value or None,
            "why": step.why or None,
            **place(step.span, compilation.name),
            "operands": [_plain_operand(operand, compilation, above) for operand in step.operands],
        }
        for step in trail
    ]


def _plain_operand(operand: Address, compilation: Compilation, above: tuple[Address, ...]) -> Json:
    trail = compilation.trail_of(operand) if operand not in above and len(above) < DEEPEST else None
    return {"address": str(operand), "trail": _plain_trail(trail or (), compilation, (*above, operand))}


COMMAND = Command(Why, run)

"""`vmc why`: where a value comes from, step by step."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated

from vmspec.base.diagnostic import has_errors
from vmspec.base.json_text import Json
from vmspec.base.provenance import SELF, Provenance, Step, StepKind, ValueAddress, show_path
from vmspec.base.record import record
from vmspec.base.source import position
from vmspec.base.unspoken import covered_line, unspoken
from vmspec.cli.command import FINE, Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, colours, report, say
from vmspec.driver.address import AddressedValue, resolve
from vmspec.driver.compilation import Compilation
from vmspec.report.json import place
from vmspec.report.location import SourceNames, locate
from vmspec.report.style import Style, style
from vmspec.report.terminal import safe, shown

DEEPEST = 6
"""Of operands of operands."""


@record(frozen=True, kw_only=True)
class Why(Inputs, Reporting):
    """Show where a value comes from: every step of its trail, the weakest first; of a derived value, its operands too."""

    address: Annotated[
        str, PositionalArgument("`VM:path` or `HOST:path`, as `feed-a:cpu.pin`; a block stands for all in it.", metavar="ADDRESS")
    ]
    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
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


@record(frozen=True)
class OperandReader:
    """Finds operands from within an object, which they may call `self`."""

    compilation: Compilation
    object: str

    @property
    def names(self) -> SourceNames:
        return self.compilation.name

    def full(self, operand: ValueAddress) -> ValueAddress:
        return ValueAddress(self.object, operand.path) if operand.object == SELF else operand

    def trail(self, operand: ValueAddress) -> Provenance | None:
        return self.compilation.trail_of(operand, self.object)

    def at(self, operand: ValueAddress) -> "OperandReader":
        return OperandReader(self.compilation, self.full(operand).object)


def text(named: AddressedValue, compilation: Compilation, look: Style) -> str:
    """A value, its trail, and the trails of its operands, each ended by a line end."""
    head = f"{safe(named.object.name)}:{show_path(named.path)}"
    value = "is not set" if named.text is None else f"= {safe(named.text)}"
    return (
        "\n".join([f"{look.strong(head)} {value}", *_trail(named.trail, OperandReader(compilation, named.object.name), look, "  ", ())])
        + "\n"
    )


def _trail(trail: Provenance, reader: OperandReader, look: Style, indent: str, above: tuple[ValueAddress, ...]) -> Iterator[str]:
    for step in trail:
        yield f"{indent}{_step(step, reader.names, look)}"
        if step.span is not None and step.span.source.text:
            line = position(step.span.source, step.span.start).line
            yield f"{indent}    {look.frame(f'{line} |')} {shown(covered_line(step.span.source, line).strip())}"
        yield from _inputs(step, reader, look, indent + "    ")
        yield from _operands(step, reader, look, indent + "    ", above)


def _step(step: Step, names: SourceNames, look: Style) -> str:
    kind = f"{step.kind.value:<10}"
    decided = look.label(kind) if step.kind is not StepKind.OVERRIDDEN else look.frame(kind)
    value = f" {safe(unspoken(step.value))}" if step.value else ""
    why = f" ({safe(step.why)})" if step.why else ""
    where = f" at {safe(str(locate(step.span, names)))}" if step.span is not None else ""
    return f"{decided}{value}{why} by {safe(step.origin)}{where}"


def _inputs(step: Step, reader: OperandReader, look: Style, indent: str) -> Iterator[str]:
    """Where the variables that a step read are written."""
    for read in step.inputs:
        yield f"{indent}from ${safe(read.name)} at {safe(str(locate(read.span, reader.names)))}"
        if read.span.source.text:
            line = position(read.span.source, read.span.start).line
            yield f"{indent}    {look.frame(f'{line} |')} {shown(covered_line(read.span.source, line).strip())}"


def _operands(step: Step, reader: OperandReader, look: Style, indent: str, above: tuple[ValueAddress, ...]) -> Iterator[str]:
    for operand in step.operands:
        trail = reader.trail(operand)
        yield f"{indent}from {safe(str(reader.full(operand)))}"
        if trail and operand not in above and len(above) < DEEPEST:
            yield from _trail(trail, reader.at(operand), look, indent + "  ", (*above, operand))


def _plain(named: AddressedValue, compilation: Compilation) -> Json:
    trail = _plain_trail(named.trail, OperandReader(compilation, named.object.name), ())
    return {"address": str(named.address), "value": named.text, "trail": trail}


def _plain_trail(trail: Provenance, reader: OperandReader, above: tuple[ValueAddress, ...]) -> list[Json]:
    return [
        {
            "kind": step.kind.value,
            "origin": step.origin,
            "value": unspoken(step.value) or None,
            "why": step.why or None,
            **place(step.span, reader.names),
            "inputs": [{"name": read.name, **place(read.span, reader.names)} for read in step.inputs],
            "operands": [_plain_operand(operand, reader, above) for operand in step.operands],
        }
        for step in trail
    ]


def _plain_operand(operand: ValueAddress, reader: OperandReader, above: tuple[ValueAddress, ...]) -> Json:
    trail = reader.trail(operand) if operand not in above and len(above) < DEEPEST else None
    return {"address": str(reader.full(operand)), "trail": _plain_trail(trail or (), reader.at(operand), (*above, operand))}


COMMAND = Command(Why, run)
